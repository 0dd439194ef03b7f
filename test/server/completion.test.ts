import { describe, expect, it } from 'vitest';
import { InsertTextFormat } from 'vscode-languageserver/node.js';
import { keysOf, schema } from '../../compiler/language/schema.ts';
import { completionsAt } from '../../compiler/server/completion.ts';
import { specOf } from '../language/support.ts';
import { applyEdits, type Files, openAt } from './support.ts';

const labelsAt = (marked: string, files?: Files) => complete(marked, files).map(({ label }) => label);

function complete(marked: string, files: Files = {}, snippets = false) {
  const { workspace, parsed, offset } = openAt(marked, files);
  return completionsAt(workspace, parsed, offset, { snippets }).sort((a, b) =>
    (a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1,
  );
}

/** The text once the completion of that label is taken. */
function accept(marked: string, label: string, files: Files = {}): string {
  const { workspace, parsed, offset, text } = openAt(marked, files);
  const item = completionsAt(workspace, parsed, offset, { snippets: false }).find(
    (each) => each.label === label,
  );
  if (item?.textEdit === undefined || !('range' in item.textEdit)) throw new Error(`no completion ${label}`);
  return applyEdits(text, [item.textEdit, ...(item.additionalTextEdits ?? [])]);
}

const keysIn = (place: Parameters<typeof keysOf>[0]) => [...keysOf(place).keys()];

describe('keys', () => {
  it('of the place are offered that are not used yet, required ones first', () => {
    const labels = labelsAt('model a {\n  image 32x32x3\n  ‸\n  patch 4\n}\n');
    const free = keysIn('model').filter((key) => key !== 'image' && key !== 'patch');
    expect(new Set(labels)).toEqual(new Set(free));
    const required = free.filter((key) => keysOf('model').get(key)?.required === true);
    expect(labels.slice(0, required.length)).toEqual(required);
  });

  it.each([
    ['an empty file', '‸', 'file', ''],
    ['the top of a file, where keys may be repeated', 'model a { }\n‸', 'file', ''],
    ['a block on one line', 'model a { encoder { ‸ } }', 'encoder', ''],
    ['after a comma', 'model a { encoder { width 4, ‸ } }', 'encoder', 'width'],
    ['a block that is not closed', 'model a {\n  encoder {\n    ‸\n', 'encoder', ''],
    ['a block that is not closed, on its line', 'model a {\n  decoder { ‸\n}\n', 'decoder', ''],
    ['behind a block that is not closed', 'model a {\n  encoder { width 4\n  ‸\n}\n', 'model', 'encoder'],
    ['behind a block', 'model a {\n  encoder { width 4 } ‸\n}', 'model', 'encoder'],
    ['the block of a misspelt key', 'model a { encodr { ‸ } }', 'encoder', ''],
    ['the block of a recipe in a model', 'model a { pretrain using b { ‸ } }', 'recipe', ''],
    ['a block in a block in a block', 'model a { pretrain { optimizer adamw { ‸ } } }', 'optimizer', ''],
  ] as const)('in %s', (_, marked, place, used) => {
    expect(new Set(labelsAt(marked))).toEqual(new Set(keysIn(place).filter((key) => key !== used)));
  });

  it('of every place in the schema', () => {
    const reached = new Set<string>();
    const walk = (place: Parameters<typeof keysOf>[0], opening: string) => {
      if (reached.has(place)) return;
      reached.add(place);
      expect(new Set(labelsAt(`${opening}‸`)), place).toEqual(new Set(keysIn(place)));
      for (const { key, block, slots } of keysOf(place).values()) {
        const name = slots.some(({ name: slot }) => slot === 'name') ? ' a' : '';
        if (block !== undefined) walk(block, `${opening}${key}${name} { `);
      }
    };
    walk('file', '');
    expect(reached).toEqual(new Set(schema.flatMap(({ places }) => places)));
  });

  it.each(['# a comm‸ent', 'model a { frob { ‸ } }', 'import "./a.mae‸"'])(
    'are not offered at %s',
    (marked) => {
      expect(labelsAt(marked)).toEqual([]);
    },
  );

  it('replace what is written of them, and only the key where its values are there', () => {
    expect(accept('model a { dec‸ }', 'decoder')).toBe('model a { decoder }');
    expect(accept('model a { encoder { wid‸th 12 } }', 'heads')).toBe('model a { encoder { heads 12 } }');
  });

  it('come with their documentation', () => {
    const [mask] = complete('model a { mas‸ }').filter(({ label }) => label === 'mask');
    expect(mask?.documentation).toMatchObject({ kind: 'markdown' });
    expect(JSON.stringify(mask?.documentation)).toContain(keysOf('model').get('mask')?.doc);
  });

  it('are snippets with a stop at each value, where the editor takes them', () => {
    const snippet = (marked: string, label: string) => {
      const item = complete(marked, {}, true).find((each) => each.label === label);
      expect(item?.insertTextFormat).toBe(InsertTextFormat.Snippet);
      return item?.textEdit?.newText.replaceAll('$', '§');
    };
    expect(snippet('model a { ‸ }', 'encoder')).toBe(
      'encoder { width §{1:768}, depth §{2:12}, heads §{3:12} \\}',
    );
    expect(snippet('recipe a { optimizer adamw { ‸ } }', 'lr')).toBe('lr §{1:1.5e-4} per §{2:256}');
    expect(snippet('‸', 'import')).toBe('import "§{1:./recipes.mae}"');
    expect(snippet('model a { encoder { ‸ } }', 'qkv-bias')).toBe('qkv-bias §{1|no,yes|}');
  });

  it('that declare something bring all that it needs: filled in as it stands, it is right', () => {
    const model = complete('‸', {}, true).find(({ label }) => label === 'model')?.textEdit?.newText ?? '';
    const plain = model
      .replace(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1')
      .replace(/\$\{\d+:([^}]*)\}/g, '$1')
      .replaceAll('\\}', '}');
    const { workspace, parsed } = openAt(
      `‸recipe mae-pretrain { epochs 9, batch 8, optimizer adamw { lr 1 per 2 } }\n${plain}`,
    );
    const { diagnostics } = workspace.compile(parsed.file);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('values', () => {
  it('of a choice are its options', () => {
    expect(labelsAt('recipe a { optimizer ‸ }')).toContain('adamw');
    expect(labelsAt('model a { loss ms‸ }')).toContain('mse');
    expect(labelsAt('model a { encoder { qkv-bias ‸ } }')).toEqual(['yes', 'no']);
    const [first] = complete('model a { encoder { qkv-bias ‸ } }');
    expect(first).toMatchObject({ detail: 'the default', documentation: 'switched on; so is the key alone' });
  });

  it('behind others are those of the next slot, or the word before it', () => {
    expect(labelsAt('model a { mask random ‸ }')).toEqual(['75%']);
    expect(labelsAt('recipe a { optimizer adamw { lr 1e-3 ‸ } }')).toEqual(['per']);
    expect(labelsAt('recipe a { optimizer adamw { lr 1e-3 per ‸ } }')).toEqual(['256']);
    expect(labelsAt('recipe a { optimizer adamw { lr 1e-3 per 256 ‸ } }')).toEqual([]);
    expect(labelsAt('model a ‸')).toEqual(['extends', 'was']);
    expect(labelsAt('model a extends b ‸')).toEqual(['was']);
    expect(labelsAt('let b 3\nmodel a was ‸')).toEqual([]);
  });

  it('that can be anything are the default and the example', () => {
    expect(complete('model a { encoder { mlp ‸ } }').map(({ label, detail }) => [label, detail])).toEqual([
      ['4x', 'the default'],
    ]);
    expect(labelsAt('recipe a { warmup ‸ }')).toEqual(['0', '40']);
  });

  const recipes = 'recipe long { epochs 9 }\nrecipe longer extends long { epochs 10 }\nmodel base { }\n';

  it('that are names are those declared here and imported', () => {
    const files = { '/w/recipes.mae': recipes };
    const marked = 'import "./recipes.mae"\nrecipe own { }\nmodel a { pretrain using ‸ }';
    expect(labelsAt(marked, files)).toEqual(['own', 'long', 'longer']);
    expect(labelsAt('import "./recipes.mae"\nmodel a extends ‸', files)).toEqual(['base']);
  });

  it('that are names of other files of the workspace bring the import along', () => {
    const files = { '/w/lib/recipes.mae': recipes };
    expect(accept('# A model.\n\nmodel a { pretrain using lo‸ }', 'long', files)).toBe(
      '# A model.\n\nimport "./lib/recipes.mae"\n\nmodel a { pretrain using long }',
    );
    const second = 'import "./x.mae" # first\r\nmodel a { pretrain using ‸ }';
    expect(accept(second, 'longer', files)).toBe(
      'import "./x.mae" # first\r\nimport "./lib/recipes.mae"\r\nmodel a { pretrain using longer }',
    );
  });

  it('of a declaration are not itself', () => {
    expect(labelsAt('model a { }\nmodel b extends ‸')).toEqual(['a']);
  });
});

describe('paths', () => {
  const files = {
    '/w/recipes.mae': '',
    '/w/lib/more.mae': '',
    '/w/notes.txt': '',
    '/w/.git/x.mae': '',
    '/other.mae': '',
  };

  it('of an import are the specs beside it', () => {
    expect(labelsAt('import ‸', files)).toEqual(['"./recipes.mae"']);
    expect(accept('import ‸', '"./recipes.mae"', files)).toBe('import "./recipes.mae"');
    expect(labelsAt('import "./recipes.mae"\nimport ‸', files)).toEqual([]);
  });

  it('go on by folders, in a string that is closed or not', () => {
    expect(labelsAt('import "‸', files)).toEqual(['./recipes.mae', './lib/', '../']);
    expect(labelsAt('import "./‸"', files)).toEqual(['recipes.mae', 'lib/']);
    expect(accept('import "./lib/mo‸"', 'more.mae', files)).toBe('import "./lib/more.mae"');
    expect(accept('import "./rec‸', 'recipes.mae', files)).toBe('import "./recipes.mae');
    expect(labelsAt('import "../‸"', files)).toEqual(['other.mae', 'w/', '../']);
  });

  it('are only offered where a path is taken', () => {
    expect(labelsAt('model "‸"', files)).toEqual([]);
  });
});

it('is offered everywhere in a spec without a mistake of ours', () => {
  const text = specOf({ augment: 'augment { crop 20%..100%, flip } # a comment' });
  for (let offset = 0; offset <= text.length; offset++) {
    const { workspace, parsed } = openAt(`${text.slice(0, offset)}‸${text.slice(offset)}`);
    for (const { label, textEdit } of completionsAt(workspace, parsed, offset, { snippets: true })) {
      if (textEdit === undefined || !('range' in textEdit)) throw new Error(`${label} has no range`);
      expect(parsed.document.offsetAt(textEdit.range.start)).toBeLessThanOrEqual(offset);
      expect(parsed.document.offsetAt(textEdit.range.end)).toBeGreaterThanOrEqual(offset);
      expect(textEdit.range.start.line).toBe(textEdit.range.end.line);
    }
  }
});
