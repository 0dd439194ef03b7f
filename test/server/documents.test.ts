import { describe, expect, it } from 'vitest';
import { SymbolKind } from 'vscode-languageserver/node.js';
import { formatSource } from '../../compiler/language/format/format-source.ts';
import { SourceText } from '../../compiler/language/source-text.ts';
import { codeActions } from '../../compiler/server/code-actions.ts';
import { documentSymbols } from '../../compiler/server/document-symbols.ts';
import { foldingRanges } from '../../compiler/server/folding.ts';
import { formattingEdits } from '../../compiler/server/formatting.ts';
import { semanticTokens, tokenTypes } from '../../compiler/server/semantic-tokens.ts';
import { specOf } from '../language/support.ts';
import { applyEdits, applyWorkspaceEdit, type Files, open, openAt, textIn, workspaceOf } from './support.ts';

const parse = (text: string, files: Files = {}) => open(workspaceOf(files), '/w/main.mae', text);

const text = `# Two models
# and a recipe.
import "./recipes.mae" # theirs

model a {
  image 32x32x3
  encoder {
    width 64, depth 2
    heads 2
  }
}
model b extends a { mask random 50% }
`;

describe('the outline', () => {
  it('holds declarations by name, and the keys of their blocks with their values', () => {
    const parsed = parse(text);
    const symbols = documentSymbols(parsed);
    expect(symbols.map(({ name, detail, kind }) => [name, detail, kind])).toEqual([
      ['import', '"./recipes.mae"', SymbolKind.Module],
      ['a', 'model', SymbolKind.Class],
      ['b', 'model', SymbolKind.Class],
    ]);
    const [, a] = symbols;
    expect(a?.children?.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      'image 32x32x3',
      'encoder ',
    ]);
    expect(a?.children?.[1]?.children?.map(({ name }) => name)).toEqual(['width', 'depth', 'heads']);
    expect(textIn(parsed, a?.selectionRange)).toBe('a');
    expect(textIn(parsed, a?.range)).toBe(text.slice(text.indexOf('model a'), text.indexOf('\nmodel b')));
  });

  it('folds blocks of several lines up to the line of their brace, and comments of several lines', () => {
    expect(foldingRanges(parse(text))).toEqual([
      { startLine: 0, endLine: 1, kind: 'comment' },
      { startLine: 4, endLine: 9 },
      { startLine: 6, endLine: 8 },
    ]);
  });
});

describe('semantic tokens', () => {
  it('tell what each word is', () => {
    const parsed = parse(text);
    const data = semanticTokens(parsed);
    const words: string[] = [];
    let line = 0;
    let character = 0;
    for (let at = 0; at < data.length; at += 5) {
      const [lines = 0, characters = 0, length = 0, type = 0] = data.slice(at, at + 4);
      character = lines === 0 ? character + characters : characters;
      line += lines;
      const start = parsed.document.offsetAt({ line, character });
      words.push(`${text.slice(start, start + length)}: ${tokenTypes[type]}`);
    }
    expect(words).toContain('# theirs: comment');
    expect(words.slice(2)).toEqual(
      expect.arrayContaining([
        'import: keyword',
        '"./recipes.mae": string',
        'model: keyword',
        'b: class',
        'extends: keyword',
        'a: class',
        'width: property',
        '64: number',
        'random: enumMember',
        '50%: number',
      ]),
    );
  });
});

describe('formatting', () => {
  const untidy = 'model a {\n  image   32x32x3\n      patch 4;mask random 75%\n\n\n\n}\n# end';

  it('brings a file into the canonical layout', () => {
    const formatted = formatSource(new SourceText('x', untidy));
    expect(applyEdits(untidy, formattingEdits(parse(untidy)))).toBe(
      'text' in formatted ? formatted.text : '',
    );
    expect('text' in formatted && formatted.text).not.toBe(untidy);
  });

  it.each([
    ['with other line breaks', untidy.replaceAll('\n', '\r\n')],
    ['in one line that is right', `model a {\n  image 32x32x3\n}\n${untidy.replace('model a', 'model b')}`],
  ])('works %s', (_, content) => {
    const formatted = formatSource(new SourceText('x', content));
    expect(applyEdits(content, formattingEdits(parse(content)))).toBe(
      'text' in formatted ? formatted.text : '',
    );
  });

  it('leaves alone what is formatted or broken', () => {
    const formatted = formatSource(new SourceText('x', untidy));
    expect(formattingEdits(parse('text' in formatted ? formatted.text : ''))).toEqual([]);
    expect(formattingEdits(parse('model a { image'))).toEqual([]);
  });

  it('only touches the lines that change', () => {
    const tidy = formatSource(new SourceText('x', specOf()));
    const content = 'text' in tidy ? tidy.text.replace('  patch', '   patch') : '';
    const [edit] = formattingEdits(parse(content));
    expect(edit?.range.start.line).toBe(edit === undefined ? -1 : edit.range.end.line - 1);
  });
});

describe('code actions', () => {
  const actionsAt = (marked: string, files: Files = {}) => {
    const { workspace, parsed, offset } = openAt(marked, files);
    const position = parsed.document.positionAt(offset);
    const actions = codeActions(workspace, parsed, { start: position, end: position });
    const apply = (title: string) => {
      const action = actions.find((each) => each.title === title);
      if (action?.edit === undefined)
        throw new Error(`no action ${title} in ${actions.map((each) => each.title)}`);
      return applyWorkspaceEdit(workspace, action.edit)['/w/main.mae'];
    };
    return { actions, apply };
  };

  it('fix what a diagnostic knows how to fix', () => {
    const marked = specOf({ mask: 'mask rand‸om: 75%' }).replace('image', 'imgae');
    const wrong = marked.replace('‸', '').replace('random:', 'ranodm');
    const { actions, apply } = actionsAt(wrong.replace('ranodm', 'ran‸odm'));
    expect(apply('write random')).toBe(wrong.replace('ranodm', 'random'));
    expect(actions[0]).toMatchObject({ kind: 'quickfix', isPreferred: true });
    expect(actions[0]?.diagnostics?.map(({ code }) => code)).toEqual(['MAE209']);
  });

  it('fix all of a file at once', () => {
    const wrong = specOf({ mask: 'mask ranodm 75%', image: 'imgae 32x32x3', patch: 'patch: 4' });
    const { actions, apply } = actionsAt(`‸${wrong}`);
    expect(actions.map(({ kind }) => kind)).toEqual(['source.fixAll']);
    const fixed = apply('Fix everything in this file that can be fixed') ?? '';
    const workspace = workspaceOf({});
    open(workspace, '/w/main.mae', fixed);
    expect(workspace.compile('/w/main.mae').diagnostics).toEqual([]);
  });

  it('import the file that declares a name', () => {
    const content = specOf({ pretrain: 'pretrain using elsewhe‸re' });
    const { apply } = actionsAt(content, {
      '/w/lib/r.mae': 'recipe elsewhere { }',
      '/w/q.mae': 'model elsewhere { }',
    });
    expect(apply('import "./lib/r.mae"')).toBe(`import "./lib/r.mae"\n\n${content.replace('‸', '')}`);
  });

  it('are none where all is right', () => {
    expect(actionsAt(specOf({ mask: 'mask rand‸om 75%' })).actions).toEqual([]);
  });
});
