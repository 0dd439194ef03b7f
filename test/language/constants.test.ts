import { describe, expect, it } from 'vitest';
import { specHash } from '../../compiler/emit/spec-json.ts';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { renderDiagnostic } from '../../compiler/language/render.ts';
import type { DiagnosticCase } from './diagnostic-cases.ts';
import {
  compile,
  compileMarked,
  compileModel,
  expectDiagnostics,
  type Files,
  readerOf,
  specOf,
} from './support.ts';

/** Specs in which each kind of slot has a value, and the same with a constant in its place. */
const spellings: readonly {
  kind: string;
  lets: string;
  named: Parameters<typeof specOf>[0];
  plain: Parameters<typeof specOf>[0];
}[] = [
  {
    kind: 'counts',
    lets: 'let wide 1_92, let deep 4, let some 3',
    named: { encoder: 'encoder { width wide, depth deep, heads some }' },
    plain: { encoder: 'encoder { width 192, depth 4, heads 3 }' },
  },
  {
    kind: 'a size',
    lets: 'let small 64x64x3, let tile 8x4',
    named: { image: 'image small', patch: 'patch tile' },
    plain: { image: 'image 64x64x3', patch: 'patch 8x4' },
  },
  { kind: 'a side', lets: 'let tile 8', named: { patch: 'patch tile' }, plain: { patch: 'patch 8' } },
  {
    kind: 'a percentage',
    lets: 'let most 60%',
    named: { mask: 'mask random most' },
    plain: { mask: 'mask random 60%' },
  },
  {
    kind: 'a multiple',
    lets: 'let broad 3x',
    named: { encoder: 'encoder { width 192, depth 1, heads 3, mlp broad }' },
    plain: { encoder: 'encoder { width 192, depth 1, heads 3, mlp 3x }' },
  },
  {
    kind: 'numbers, behind a word too',
    lets: 'let rate 2e-3, let unit 512, let slow 0.8',
    named: { optimizer: 'optimizer adamw { lr rate per unit, betas slow 0.99 }' },
    plain: { optimizer: 'optimizer adamw { lr 2e-3 per 512, betas 0.8 0.99 }' },
  },
  {
    kind: 'some of a list',
    lets: 'let grey 0.4',
    named: { image: 'image 32x32x3 { mean grey 0.5 grey }' },
    plain: { image: 'image 32x32x3 { mean 0.4 0.5 0.4 }' },
  },
  {
    kind: 'a range',
    lets: 'let close 50%..100%',
    named: { augment: 'augment { crop close }' },
    plain: { augment: 'augment { crop 50%..100% }' },
  },
  {
    kind: 'an option',
    lets: 'let places learned, let penalty l1',
    named: {
      decoder: 'decoder { width 96, depth 2, heads 3, positions places }',
      loss: 'loss penalty { target pixels }',
    },
    plain: {
      decoder: 'decoder { width 96, depth 2, heads 3, positions learned }',
      loss: 'loss l1 { target pixels }',
    },
  },
  {
    kind: 'a switch, and a count or a switch',
    lets: 'let off no, let several 4',
    named: {
      encoder: 'encoder { width 192, depth 1, heads 3, qkv-bias off, class-token off, registers several }',
    },
    plain: { encoder: 'encoder { width 192, depth 1, heads 3, qkv-bias no, class-token no, registers 4 }' },
  },
  {
    kind: 'values of a recipe block of a model',
    lets: 'let long 20',
    named: { pretrain: 'pretrain using test-recipe { epochs long }' },
    plain: { pretrain: 'pretrain using test-recipe { epochs 20 }' },
  },
  {
    kind: 'a key of the same name',
    lets: 'let width 96',
    named: { decoder: 'decoder { width width, depth 2, heads 3 }' },
    plain: { decoder: 'decoder { width 96, depth 2, heads 3 }' },
  },
];

describe('a constant', () => {
  it.each(spellings)('stands for $kind, as if the value were written', ({ lets, named, plain }) => {
    const withLet = compileModel(`${lets}\n${specOf(named)}`);
    const without = compileModel(specOf(plain));
    expect({ ...withLet, spans: undefined }).toEqual({ ...without, spans: undefined });
    expect([...withLet.spans.keys()]).toEqual([...without.spans.keys()]);
    expect(specHash(withLet)).toBe(specHash(without));
    expect(specHash(withLet)).not.toBe(specHash(compileModel(specOf({ patch: 'patch 16' }))));
  });

  it('leaves the spans of values where they are used', () => {
    const text = `let tile 8\n${specOf({ patch: 'patch tile' })}`;
    const span = compileModel(text).spans.get('patch');
    expect(text.slice(span?.start, span?.end)).toBe('patch tile');
  });

  it('may be declared behind what uses it, and by others in any order', () => {
    const text = `let a b\n${specOf({ patch: 'patch a' })}let c 8\nlet b c`;
    expect(compileModel(text).patch.height).toBe(8);
  });

  it('gives way to an option of the same name only where that is one', () => {
    // What `learned` names is an error at its `let`; what is drawn from it is not.
    const decoder = 'decoder { width 96, depth learned, heads 3, positions learned }';
    const { diagnostics } = compile(`let learned 2\n${specOf({ decoder })}`);
    expect(diagnostics.map(({ code, span }) => `${code} ${span.line}`)).toEqual(['MAE312 1']);
  });

  it('is not what describes a model', () => {
    const described = compileModel(`# The first.\n\n# Wide.\nlet wide 192\n\n${specOf()}`);
    expect(described.description).toBe('The first.');
  });

  it('may be declared and not be used', () => {
    expect(compile(`let unused 4\nlet other unused\n${specOf()}`).diagnostics).toEqual([]);
  });
});

describe('constants of other files', () => {
  const sizes = 'import "./more.mae"\nlet tile eight\nlet half 50%\n';
  const more = 'let eight 8\n';
  const using = specOf({ patch: 'patch tile' });

  it('are known where the file is imported, and its import is used', () => {
    const files = { 'a.mae': `import "./sizes.mae"\n${using}`, 'sizes.mae': sizes, 'more.mae': more };
    expect(compileModel(files).patch.height).toBe(8);
  });

  it('are known before any model is read, whatever the order of the files', () => {
    const files = { 'a.mae': `${using}import "./sizes.mae"\n`, 'more.mae': more, 'sizes.mae': sizes };
    const { models, diagnostics } = compileSources(['a.mae', 'sizes.mae', 'more.mae'], readerOf(files));
    expect(diagnostics).toEqual([]);
    expect(models.map(({ patch }) => patch.height)).toEqual([8]);
  });

  it('keep their own meaning in the file that declares them', () => {
    const files = {
      'a.mae': 'import "./b.mae"\nlet tile 16\nmodel a extends vit-test { patch tile }',
      'b.mae': `import "./sizes.mae"\n${using}`,
      'sizes.mae': 'let tile 8\n',
    };
    const { models, diagnostics } = compileSources(['a.mae', 'b.mae'], readerOf(files));
    expect(diagnostics).toEqual([]);
    expect(models.map(({ name, patch }) => [name, patch.height])).toEqual([
      ['a', 16],
      ['vit-test', 8],
    ]);
  });

  it('that are wrong are reported once, there', () => {
    const files = { 'a.mae': `import "./sizes.mae"\n${using}`, 'sizes.mae': 'let tile 1e999\nlet nothing' };
    const { diagnostics, models } = compile(files);
    expect(models).toEqual([]);
    expect(diagnostics.map(({ code, span }) => `${span.file}:${span.line} ${code}`)).toEqual([
      'sizes.mae:1 MAE104',
      'sizes.mae:2 MAE206',
    ]);
  });

  it('are not missed where their file, or their statement, could not be read', () => {
    const codesOf = (files: Files) => compile(files).diagnostics.map(({ code }) => code);
    expect(codesOf({ 'a.mae': `import "./none.mae"\n${using}` })).toEqual(['MAE302']);
    expect(codesOf({ 'a.mae': `import "./b.mae"\n${using}`, 'b.mae': 'constant tile 8' })).toEqual([
      'MAE201',
    ]);
    expect(codesOf({ 'a.mae': `let 8\n${using}` })).toEqual(['MAE205']);
    // A key that follows for want of a value is missed all the same, and so is an option that is near.
    const wrong = specOf({
      encoder: 'encoder { width depth 12, heads 3 }',
      loss: 'loss l2 { target pixls }',
    });
    expect(codesOf({ 'a.mae': `import "./none.mae"\n${wrong}` })).toEqual([
      'MAE302',
      'MAE205',
      'MAE209',
      'MAE209',
    ]);
  });
});

const cases: readonly (DiagnosticCase & { readonly title: string })[] = [
  {
    title: 'declared twice in a file',
    spec: `let a 4\nlet ⟦a⟧ 5\n${specOf({ patch: 'patch a' })}`,
    code: 'MAE304',
    message: 'constant ‘a’ is declared twice',
    help: 'give one of them another name',
    related: ['1:5 first declared here'],
  },
  {
    title: 'declared by two imports',
    spec: {
      'a.mae': `import "./b.mae"\nimport "./c.mae"\n${specOf({ patch: 'patch ⟦a⟧' })}`,
      'b.mae': 'let a 4',
      'c.mae': 'let a 75%',
    },
    code: 'MAE307',
    message: 'constant ‘a’ could be any of several',
    help: 'rename one of them, or import only one of their files',
    related: ['1:5 one of them', '1:5 one of them'],
  },
  {
    title: 'declared by two imports and needed by a constant',
    spec: {
      'a.mae': `import "./b.mae"\nimport "./c.mae"\nlet tile ⟦a⟧\n${specOf({ patch: 'patch tile' })}`,
      'b.mae': 'let a 4',
      'c.mae': 'let a 75%',
    },
    code: 'MAE307',
    message: 'constant ‘a’ could be any of several',
  },
  {
    title: 'of the wrong kind for its use',
    spec: `let half 50%\n${specOf({ patch: 'patch ⟦half⟧' })}`,
    code: 'MAE205',
    message: 'patch takes one side from 1 to 16384 or a size height x width, not the percentage ‘50%’',
    help: 'for example: patch 16',
    related: ['1:10 ‘half’ is ‘50%’ here'],
  },
  {
    title: 'out of bounds for its use, at the end of a chain',
    spec: `let a 75\nlet b a\n${specOf({ mask: 'mask random ⟦b⟧' })}`,
    code: 'MAE208',
    message: 'mask 75 is out of bounds: it must be above 0% and below 100%',
    help: 'did you mean 75%?',
    related: ['1:7 ‘b’ is ‘75’ here'],
  },
  {
    title: 'a reversed range',
    spec: `let area 100%..20%\n${specOf({ augment: 'augment { crop ⟦area⟧ }' })}`,
    code: 'MAE217',
    message: 'crop 100%..20% ends before it starts',
    help: 'write 20%..100%',
    related: ['1:10 ‘area’ is ‘100%..20%’ here'],
  },
  {
    title: 'an option of another key',
    spec: `let places learned\n${specOf({ mask: 'mask ⟦places⟧ 75%' })}`,
    code: 'MAE209',
    message: 'mask has no option ‘learned’',
    help: 'the options are random, block, grid and regular',
    related: ['1:12 ‘places’ is ‘learned’ here'],
  },
  {
    title: 'misspelt where a value is expected',
    spec: `let wide 192\nlet width 50%\n${specOf({ encoder: 'encoder { width ⟦widt⟧, depth 12, heads 3 }' })}`,
    code: 'MAE205',
    message: 'width takes a count from 1 to 65536, not the name ‘widt’',
    help: 'did you mean wide?',
    fixed: true,
  },
  {
    title: 'misspelt where an option could stand',
    spec: `let favourite l1\n${specOf({ loss: 'loss ⟦favorite⟧ { target pixels }' })}`,
    code: 'MAE209',
    message: 'loss has no option ‘favorite’',
    help: 'did you mean favourite?',
    fixed: true,
  },
  {
    title: 'unlike any, where a value is expected',
    spec: `let tile 8\n${specOf({ patch: 'patch ⟦something⟧' })}`,
    code: 'MAE205',
    message: 'patch takes one side from 1 to 16384 or a size height x width, not the name ‘something’',
    help: 'for example: patch 16',
  },
  {
    title: 'of an import of an import',
    spec: {
      'a.mae': `import "./b.mae"\n${specOf({ patch: 'patch ⟦tile⟧', image: 'image large' })}`,
      'b.mae': 'import "./c.mae"\nlet large 64x64x3\nlet other tile',
      'c.mae': 'let tile 8',
    },
    code: 'MAE205',
    message: 'patch takes one side from 1 to 16384 or a size height x width, not the name ‘tile’',
    help: 'it is declared in ‘c.mae’: import that file',
    related: ['1:5 the constant of this name'],
  },
  {
    title: 'that another one misspells',
    spec: `let wide 192\nlet wider ⟦wid⟧\n${specOf({ encoder: 'encoder { width wider, depth 12, heads 3 }' })}`,
    code: 'MAE305',
    message: 'there is no constant ‘wid’',
    help: 'did you mean wide?',
    fixed: true,
  },
  {
    title: 'with a misspelt option for its value',
    spec: `let places ⟦lerned⟧\n${specOf({ decoder: 'decoder { width 96, depth 2, heads 3, positions places }' })}`,
    code: 'MAE305',
    message: 'there is no constant ‘lerned’',
    help: 'did you mean learned?',
    fixed: true,
  },
  {
    title: 'whose import is not used',
    spec: {
      'a.mae': `import ⟦"./b.mae"⟧\nlet tile 8\n${specOf({ patch: 'patch tile' })}`,
      'b.mae': 'let big 16',
    },
    code: 'MAE308',
    message: 'nothing of ‘./b.mae’ is used',
  },
  {
    title: 'without a value',
    spec: `⟦let tile⟧\n${specOf({ patch: 'patch tile' })}`,
    code: 'MAE206',
    message: 'let lacks a number, percentage, multiple, size, range or name',
    help: 'for example: let wide 768',
  },
  {
    title: 'with two values',
    spec: `let betas 0.9 ⟦0.95⟧\n${specOf()}`,
    code: 'MAE207',
    message: 'let takes no further value, but here is the number ‘0.95’',
  },
  {
    title: 'with a string',
    spec: `let recipes ⟦"./recipes.mae"⟧\n${specOf()}`,
    code: 'MAE205',
    message:
      'let takes a number, percentage, multiple, size, range or name, not the string ‘"./recipes.mae"’',
  },
  {
    title: 'with a block',
    spec: `let wide 4 ⟦{⟧ depth 4 }\n${specOf()}`,
    code: 'MAE210',
    message: 'let takes no block',
  },
  {
    title: 'with an equals sign',
    spec: `let tile ⟦=⟧ 8\n${specOf({ patch: 'patch tile' })}`,
    code: 'MAE111',
    message: 'there is no ‘=’ between a key and its value',
    fixed: true,
  },
  {
    title: 'in a block',
    spec: specOf({ patch: 'patch 4\n  ⟦let⟧ tile 8' }),
    code: 'MAE211',
    message: 'let may not stand in a model',
    help: 'let stands in a file',
  },
  {
    title: 'in the place of a path',
    spec: 'let base 8\nimport ⟦base⟧',
    code: 'MAE205',
    message: 'import takes a path in quotation marks, not the name ‘base’',
  },
];

describe('a mistake about a constant', () => {
  it.each(cases)('$title: $code', ({ spec, code, message, help, related, fixed }) => {
    const [diagnostic] = expectDiagnostics(spec, [code]);
    expect(diagnostic?.message).toContain(message);
    if (help !== undefined) expect(diagnostic?.help).toBe(help);
    const places = diagnostic?.related.map(
      ({ span, message: label }) => `${span.line}:${span.column} ${label}`,
    );
    expect(places).toEqual(related ?? places);
    expect(diagnostic?.fix !== undefined).toBe(fixed === true);
    if (fixed !== true) return;
    const { files } = compileMarked(spec);
    const [edit] = diagnostic?.fix?.edits ?? [];
    const text = files['main.mae'] ?? '';
    const mended = text.slice(0, edit?.span.start) + (edit?.text ?? '') + text.slice(edit?.span.end);
    expect(compile(mended).diagnostics).toEqual([]);
  });

  it('is shown with the place of its definition', () => {
    const { diagnostics, sources } = compile(`let tile 50%\n${specOf({ patch: 'patch tile' })}`);
    expect(diagnostics.map((each) => renderDiagnostic(each, sources))).toEqual([
      `main.mae:4:9  error MAE205  patch takes one side from 1 to 16384 or a size height x width, not the percentage ‘50%’
  4 |   patch tile
    |         ^^^^
  1 | let tile 50%
    |          --- ‘tile’ is ‘50%’ here
  help: for example: patch 16`,
    ]);
  });

  it('of many in a circle is told at each of them, in few words', () => {
    const lets = Array.from({ length: 20 }, (_, index) => `let c${index} c${(index + 1) % 20}`).join('\n');
    const { diagnostics } = compile(lets);
    expect(diagnostics.map(({ code, span }) => `${code} ${span.line}`)).toEqual(
      Array.from({ length: 20 }, (_, index) => `MAE313 ${index + 1}`),
    );
    expect(diagnostics[5]?.message).toBe(
      'constant ‘c5’ is defined by itself: c5 → c6 → c7 → c8 → c9 → c10 → c11 → c12 → … → c5',
    );
    expect(diagnostics[5]?.related).toHaveLength(7);
  });

  it('of a circle through two files is told in both', () => {
    const { diagnostics } = compile({
      'a.mae': `import "./b.mae"\nlet a b\n${specOf({ patch: 'patch a' })}`,
      'b.mae': 'import "./a.mae"\nlet b a\n',
    });
    expect(diagnostics.map(({ code, span }) => `${code} ${span.file}:${span.line}`)).toEqual([
      'MAE313 a.mae:2',
      'MAE303 b.mae:1',
      'MAE313 b.mae:2',
    ]);
  });
});

describe('--set', () => {
  const files = {
    'a.mae': `import "./sizes.mae"\n${specOf({ patch: 'patch tile' })}`,
    'sizes.mae': 'import "./more.mae"\nlet tile 8\nlet most 60%\nlet calm yes\nlet far other\n',
    'more.mae': 'let other 16\nlet places learned\n',
  };
  const compileWith = (...overrides: string[]) => compileSources(['a.mae'], readerOf(files), { overrides });
  const modelWith = (...overrides: string[]): ModelSpec | undefined => {
    const { models, diagnostics } = compileWith(...overrides);
    expect(diagnostics).toEqual([]);
    return models[0];
  };

  it('takes the constants that the file of the model knows', () => {
    expect(modelWith('vit-test.patch=far')?.patch.height).toBe(16);
    expect(modelWith('vit-test.mask=most')?.mask).toMatchObject({ kind: 'random', ratio: 0.6 });
    expect(modelWith('vit-test.encoder.qkv-bias=calm')?.encoder.qkvBias).toBe(true);
  });

  it.each([
    ['vit-test.patch=other', 'MAE205', 'it is declared in ‘more.mae’: import that file'],
    ['vit-test.patch=tyle', 'MAE205', 'did you mean tile?'],
    ['vit-test.patch=most', 'MAE205', 'for example: patch 16'],
    ['vit-test.encoder.positions=places', 'MAE209', 'it is declared in ‘more.mae’: import that file'],
  ])('%s is refused', (override, code, help) => {
    const { diagnostics, models } = compileWith(override);
    expect(models).toEqual([]);
    expect(diagnostics.map((each) => [each.code, each.help, each.span.file])).toEqual([
      [code, help, '--set'],
    ]);
  });
});

it('a thousand specs with constants take no time that grows with their square', () => {
  const sizes = 'let wide 192\nlet deep 12\nlet heads wide\nlet most 60%\n';
  const files: Record<string, string> = { 'sizes.mae': sizes };
  for (let index = 0; index < 1000; index++) {
    files[`${index}.mae`] = `import "./sizes.mae"\nlet own deep\n${specOf({
      encoder: 'encoder { width wide, depth own, heads 3 }',
      mask: 'mask random most',
    }).replace('vit-test', `vit-${index}`)}`;
  }
  const entries = Object.keys(files);
  const start = performance.now();
  const { models, diagnostics } = compileSources(entries, readerOf(files));
  expect([models.length, diagnostics]).toEqual([1000, []]);
  // Under half a second; looking names up file by file would take minutes. The bound only tells that from a busy machine.
  expect(performance.now() - start).toBeLessThan(20_000);
});
