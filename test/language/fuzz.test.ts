import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { renderDiagnostic } from '../../compiler/language/render.ts';
import { schema } from '../../compiler/language/schema.ts';
import { compile, readerOf, specOf } from './support.ts';

/** More runs, and other ones each time, when asked for: MAE_FUZZ_RUNS=100000. */
const asked = Number(process.env.MAE_FUZZ_RUNS ?? 0);
const settings = asked > 0 ? { numRuns: asked } : { numRuns: 300, seed: 20_211_111 };

const words = [
  ...new Set(
    schema.flatMap(({ key, slots }) => [
      key,
      ...slots.flatMap(({ keyword, type }) => [keyword ?? [], Object.keys(type.options ?? {})].flat()),
    ]),
  ),
];
const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('{', '}', '\n', ',', ';', ' ', '#', '//', '"', "'", '\r\n', '\t', ':', '='),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '1',
      '4_096',
      '1e999',
      '-3',
      '0.5',
      '75%',
      '4x',
      '32x32x3',
      '8x8',
      '0.2..1',
      '1..0',
      'a',
      'b',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
);
const soup = fc
  .array(pieces, { maxLength: 80 })
  .chain((parts) => fc.constantFrom(' ', '').map((glue) => parts.join(glue)));

/** A valid spec with a few stretches replaced. */
const damaged = fc
  .array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 12 }), pieces), { minLength: 1, maxLength: 4 })
  .map((edits) => {
    let text = `let a 4\nlet b a\n${specOf({
      patch: 'patch b',
      augment: 'augment { crop 20%..100%, flip }',
      warmup: 'warmup 2',
      accumulate: 'accumulate 2',
    })}`;
    for (const [at, length, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + length);
    return text;
  });

function checkSane(text: string): void {
  const { models, diagnostics, sources } = compile(text);
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(renderDiagnostic(diagnostic, sources)).toContain(diagnostic.code);
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) expect(models).toEqual([]);
  expect(compile(text).diagnostics).toEqual(diagnostics);
}

describe('no input crashes the compiler', () => {
  it('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), checkSane), settings);
  });

  it('any words of the language', () => {
    fc.assert(fc.property(soup, checkSane), settings);
  });

  it('any damage to a good spec', () => {
    fc.assert(fc.property(damaged, checkSane), settings);
  });

  it('any two files', () => {
    fc.assert(
      fc.property(damaged, soup, (first, second) => {
        const files = { 'a.mae': `import "./b.mae"\n${first}`, 'b.mae': `import "./a.mae"\n${second}` };
        compileSources(['a.mae', 'b.mae'], readerOf(files));
      }),
      settings,
    );
  });
});

describe('no input takes more than linear time', () => {
  const size = 200_000;
  const repeated = (piece: string) => piece.repeat(Math.ceil(size / piece.length));
  const numbered = (line: (index: number) => string) =>
    Array.from({ length: size / 40 }, (_, index) => line(index)).join('\n');

  it.each([
    ['one word', repeated('a')],
    ['one number', repeated('1')],
    ['underscores', repeated('1_')],
    ['a broken number', `1${repeated('_')}`],
    ['dots', repeated('.')],
    ['hyphens', repeated('a-')],
    ['colons', repeated('a:')],
    ['percent signs', repeated('1%')],
    ['times signs', repeated('1x')],
    ['quotation marks', repeated('"')],
    ['apostrophes', repeated("'a ")],
    ['slashes', repeated('/ ')],
    ['comments', repeated('# a\n')],
    ['line breaks', repeated('\r')],
    ['commas', repeated('1,')],
    ['open braces', repeated('a {\n')],
    ['closing braces', repeated('}\n')],
    ['mixed braces', repeated('a { } } {')],
    ['values', `model a ${repeated('b ')}`],
    ['unknown keys', `model a { ${repeated('wdith 3\n')}`],
    ['the same model', repeated('model a { mask random 200% }\n')],
    ['unknown bases', numbered((index) => `model m${index} extends vit-base-${index}`)],
    ['a chain of bases', numbered((index) => `model m${index} extends m${index + 1}`)],
    ['a circle of bases', `${numbered((index) => `recipe m${index} extends m${index + 1}`)} extends m0`],
    ['the same constant', repeated('let a 4\n')],
    ['unknown constants', numbered((index) => `let c${index} other-${index}`)],
    ['a chain of constants', `${numbered((index) => `let c${index} c${index + 1}`)}\nlet c${size / 40} 4`],
    ['a circle of constants', `${numbered((index) => `let c${index} c${index + 1}`)}\nlet c${size / 40} c0`],
    [
      'constants that do not fit',
      numbered((index) => `let c${index} 50%\nmodel m${index} { patch c${index}, image d${index} }`),
    ],
    ['missing imports', numbered((index) => `import "./${index}.mae"`)],
    ['one import', repeated('import "./main.mae"\n')],
  ])('%s', (_, text) => {
    const start = performance.now();
    const { diagnostics, sources } = compile(text);
    for (const diagnostic of diagnostics.slice(0, 100)) renderDiagnostic(diagnostic, sources);
    // 50 to 500 ms on a slow machine; anything quadratic takes minutes.
    expect(performance.now() - start).toBeLessThan(8000);
  });
});
