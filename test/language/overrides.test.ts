import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledSources, compileSources } from '../../compiler/language/compile-sources.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { renderDiagnostic } from '../../compiler/language/render.ts';
import { type Files, readerOf, specOf } from './support.ts';

/** A model, one that extends it, and the recipes of both. */
const files: Files = {
  'main.mae': `import "./recipes.mae"
${specOf({ augment: 'augment { crop 20%..100%, flip }' })}
model vit-wide extends vit-test {
  encoder { width 384 }
  pretrain using long { batch 32 }
}
`,
  'recipes.mae': `recipe short { epochs 10, batch 64, optimizer adamw { lr 1e-3 per 256 } }
recipe long extends short { epochs 800, warmup 40 }
`,
};

function compileWith(overrides: readonly string[], from: Files = files): CompiledSources {
  return compileSources(Object.keys(from).slice(0, 1), readerOf(from), { overrides });
}

/** The models of the two files when there is nothing to complain of. */
function models(...overrides: string[]): { test: ModelSpec; wide: ModelSpec } {
  const { models: found, diagnostics } = compileWith(overrides);
  expect(diagnostics).toEqual([]);
  const [test, wide] = found;
  if (test === undefined || wide === undefined) throw new Error(`${found.length} models`);
  return { test, wide };
}

/** What is printed of the mistakes. */
function printed(...overrides: string[]): string[] {
  const { diagnostics, sources } = compileWith(overrides);
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources));
}

describe('an override', () => {
  it('sets a key of a model, and of those that extend it and do not set it themselves', () => {
    const { test, wide } = models('vit-test.encoder.depth=4', 'vit-test.encoder.width=96');
    expect([test.encoder.depth, test.encoder.width]).toEqual([4, 96]);
    expect([wide.encoder.depth, wide.encoder.width]).toEqual([4, 384]);
  });

  it('sets an inherited key for the one model only', () => {
    const { test, wide } = models('vit-wide.image=64x64x3', 'vit-wide.decoder.depth=1');
    expect([test.image.height, wide.image.height]).toEqual([32, 64]);
    expect([test.decoder.depth, wide.decoder.depth]).toEqual([2, 1]);
    expect(wide.decoder.width).toBe(test.decoder.width);
  });

  it('sets a key of a recipe for every model that uses it, below what the model changes itself', () => {
    const { test, wide } = models('long.epochs=100', 'short.batch=128');
    expect([test.pretrain.epochs, wide.pretrain.epochs]).toEqual([10, 100]);
    expect(wide.pretrain).toMatchObject({ warmup: 40, batch: 32 });
  });

  it('sets a key of the recipe as one model uses it', () => {
    const { wide } = models('vit-wide.pretrain.epochs=50');
    expect(wide.pretrain).toMatchObject({ name: 'long', epochs: 50, warmup: 40, batch: 32 });
  });

  it('puts another recipe in the place of the one and its changes, with or without `using`', () => {
    for (const value of ['short', 'using short']) {
      const { wide } = models(`vit-wide.pretrain=${value}`);
      expect(wide.pretrain).toMatchObject({ name: 'short', epochs: 10, batch: 64 });
    }
  });

  it('keeps the values that it leaves out', () => {
    const { test } = models(
      'vit-test.mask=60%',
      'test-recipe.optimizer.lr=2e-4',
      'test-recipe.optimizer.betas=0.8',
    );
    expect(test.mask).toMatchObject({ kind: 'random', ratio: 0.6 });
    expect(test.pretrain.optimizer).toMatchObject({
      baseLearningRate: 2e-4,
      learningRatePer: 256,
      betas: [0.8, 0.95],
    });
    expect(models('test-recipe.optimizer.lr=per 512').test.pretrain.optimizer).toMatchObject({
      baseLearningRate: 1e-3,
      learningRatePer: 512,
    });
  });

  it('takes all values that a file may hold: names, several, blocks, blanks around, none for a switch', () => {
    const { test } = models(
      ' vit-test . mask = random 50% ',
      'vit-test.loss={ target normalized-pixels }',
      'vit-test.encoder.mlp=2x',
      'test-recipe.augment={ crop 50%..100%; flip no }',
      'vit-test.image.mean=0.1 0.2 0.3',
    );
    expect(test.mask.ratio).toBe(0.5);
    expect(test.loss).toMatchObject({ kind: 'mse', target: 'normalized-pixels' });
    expect(test.encoder.mlpWidth).toBe(384);
    expect(test.pretrain.augment).toMatchObject({ crop: [0.5, 1], flip: false });
    expect(test.image.mean).toEqual([0.1, 0.2, 0.3]);
    expect(models('long.augment.flip=').wide.pretrain.augment.flip).toBe(true);
  });

  it('counts over an earlier one of the same key', () => {
    expect(models('vit-test.mask=60%', 'vit-test.mask=70%').test.mask.ratio).toBe(0.7);
  });

  it('says in the spans where the value comes from', () => {
    const { test } = models('vit-test.patch=8', 'vit-test.encoder.depth=4');
    expect(test.spans.get('encoder.depth')).toEqual({
      file: '--set',
      start: 34,
      end: 41,
      line: 2,
      column: 18,
    });
    expect(test.spans.get('encoder')?.file).toBe('main.mae');
    expect(test.spans.get('encoder.width')?.file).toBe('main.mae');
  });

  it('of a name that a model and a recipe share goes to the one that has the key', () => {
    const shared = { 'main.mae': specOf().replaceAll('test-recipe', 'vit-test') };
    const { models: found, diagnostics } = compileWith(['vit-test.epochs=3', 'vit-test.mask=50%'], shared);
    expect(diagnostics).toEqual([]);
    expect([found[0]?.pretrain.epochs, found[0]?.mask.ratio]).toEqual([3, 0.5]);
  });
});

describe('a wrong override is reported in a frame of the argument', () => {
  it.each([
    [
      'of a model that is not there',
      'vit-tset.mask=60%',
      '--set:1:1  error MAE305  there is no model or recipe ‘vit-tset’\n' +
        '  1 | vit-tset.mask=60%\n' +
        '    | ^^^^^^^^\n' +
        '  help: did you mean vit-test?',
    ],
    [
      'of a key that is not there',
      'vit-test.encoder.dept=4',
      '--set:1:18  error MAE201  encoder has no key ‘dept’\n' +
        '  1 | vit-test.encoder.dept=4\n' +
        '    |                  ^^^^\n' +
        '  help: did you mean depth?',
    ],
    [
      'through a key that is not there',
      'vit-test.enoder.depth=4',
      '--set:1:10  error MAE201  a model has no key ‘enoder’\n' +
        '  1 | vit-test.enoder.depth=4\n' +
        '    |          ^^^^^^\n' +
        '  help: did you mean encoder?',
    ],
    [
      'of a key that stands elsewhere',
      'vit-test.depth=4',
      '--set:1:10  error MAE211  depth may not stand in a model\n' +
        '  1 | vit-test.depth=4\n' +
        '    |          ^^^^^\n' +
        '  help: depth stands in encoder or decoder',
    ],
    [
      'below a key without a block',
      'vit-test.encoder.depth.side=4',
      '--set:1:24  error MAE210  depth takes no block\n' +
        '  1 | vit-test.encoder.depth.side=4\n' +
        '    |                        ^',
    ],
    [
      'out of bounds',
      'vit-test.mask=160%',
      '--set:1:15  error MAE208  mask 160% is out of bounds: it must be above 0% and below 100%\n' +
        '  1 | vit-test.mask=160%\n' +
        '    |               ^^^^',
    ],
    [
      'of another kind',
      'vit-test.encoder.depth=deep',
      '--set:1:24  error MAE205  depth takes a count from 1 to 1024, not the name ‘deep’\n' +
        '  1 | vit-test.encoder.depth=deep\n' +
        '    |                        ^^^^\n' +
        '  help: for example: depth 12',
    ],
    [
      'without a value',
      'vit-test.encoder.depth=',
      '--set:1:18  error MAE206  depth lacks a count from 1 to 1024\n' +
        '  1 | vit-test.encoder.depth=\n' +
        '    |                  ^^^^^\n' +
        '  help: for example: depth 12',
    ],
    [
      'malformed in its value',
      'vit-test.mask=.6',
      '--set:1:15  error MAE101  ‘.6’ is neither a name nor a value\n' +
        '  1 | vit-test.mask=.6\n' +
        '    |               ^^\n' +
        '  help: write 0.6',
    ],
    [
      'without an equals sign',
      'vit-test.mask',
      '--set:1:1  error MAE311  ‘vit-test.mask’ has no = and value\n' +
        '  1 | vit-test.mask\n' +
        '    | ^^^^^^^^^^^^^\n' +
        '  help: for example: --set vit-huge.encoder.depth=4',
    ],
    [
      'without a key',
      'vit-test=4',
      '--set:1:1  error MAE311  ‘vit-test=4’ does not begin with the name of a model or a recipe, a dot and a key\n' +
        '  1 | vit-test=4\n' +
        '    | ^^^^^^^^^^\n' +
        '  help: for example: --set vit-huge.encoder.depth=4',
    ],
    [
      'of two keys at once',
      'vit-test.mask=60%; patch 8',
      '--set:1:20  error MAE311  ‘patch’ is a second key\n' +
        '  1 | vit-test.mask=60%; patch 8\n' +
        '    |                    ^^^^^^^\n' +
        '  help: give it a --set of its own',
    ],
  ])('%s', (_, override, text) => {
    expect(printed(override)).toEqual([text]);
  });

  it('at the line of the argument', () => {
    expect(printed('vit-test.mask=60%', 'vit-test.patch=x')[0]).toMatch(/^--set:2:16 {2}error MAE205/);
  });

  it('together with the place in the file that it conflicts with', () => {
    expect(printed('vit-test.encoder.heads=5')).toContainEqual(
      'main.mae:5:13  error MAE204  width 192 is not a multiple of heads 5\n' +
        '  5 |   encoder { width 192, depth 12, heads 3 }\n' +
        '    |             ^^^^^^^^^\n' +
        '  --set:1:18\n' +
        '  1 | vit-test.encoder.heads=5\n' +
        '    |                  ------- 5 heads\n' +
        '  help: the nearest widths are 180 and 200',
    );
  });

  it('when what it leaves out is set nowhere', () => {
    const { diagnostics } = compileWith(['vit-test.mask=60%'], { 'main.mae': specOf({ mask: '' }) });
    expect(diagnostics.map(({ code }) => code)).toEqual(['MAE205']);
  });

  it('and yields no model', () => {
    expect(compileWith(['vit-test.mask=160%']).models).toEqual([]);
  });
});

it('no override crashes the compiler', () => {
  const pieces = fc.constantFrom(
    'vit-test',
    'long',
    '.',
    '=',
    'mask',
    'encoder',
    'depth',
    '60%',
    '4',
    ' ',
    '{',
    '}',
    '\n',
    '#',
    ',',
    '"',
  );
  const override = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(override, { maxLength: 3 }), (overrides) => {
      const { diagnostics, sources } = compileWith(overrides);
      for (const diagnostic of diagnostics)
        expect(renderDiagnostic(diagnostic, sources)).toContain(diagnostic.code);
    }),
    { numRuns: 150, seed: 20_211_111 },
  );
});
