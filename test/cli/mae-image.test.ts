import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { drawColours, type ToyOptions, toySpec } from '../train/tiny-classifier.ts';
import { mae, readFeatures, strongWeights, succeed } from './use-support.ts';

/** What each takes, of pictures of 8x8 in patches of 4x4. */
const MODELS = {
  exact: {},
  multiples: { accept: 'multiples' },
  any: { accept: 'any' },
  /** Compiled for the sizes that the others are given. */
  large: { image: [12, 20, 3] },
  padded: { image: [11, 18, 3], pad: true },
} as const satisfies Record<string, ToyOptions>;
type ModelName = keyof typeof MODELS;

let folder = '';
let pictures = '';
const models = new Map<ModelName, CompiledModelFolder>();

const at = (...names: string[]): string => join(folder, ...names);
const directory = (name: ModelName): string => models.get(name)?.directory ?? '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-image-'));
  pictures = await drawColours(at('pictures'), { blue: 4, green: 4, red: 4 });
  for (const [name, options] of Object.entries(MODELS) as [ModelName, ToyOptions][]) {
    models.set(
      name,
      await compileToFolder(toySpec({ name, positions: 'learned', registers: 1, ...options })),
    );
  }
  const spec = models.get('exact')?.spec;
  if (spec) await writeSafetensors(at('weights.safetensors'), strongWeights(spec));
});
afterAll(async () => {
  for (const model of models.values()) await model.remove();
  await rm(folder, { recursive: true, force: true });
});

const command = (name: string, model: ModelName, ...more: string[]): string[] => [
  ...[name, directory(model), '--checkpoint', at('weights.safetensors'), '--data', pictures],
  ...['--device', 'cpu', '--threads', '1', ...more],
];

/** All tokens of all pictures, and what was told. */
async function features(model: ModelName, ...more: string[]) {
  const file = at('features.safetensors');
  const out = await succeed(...command('features', model, '--out', file, '--pooling', 'tokens', ...more));
  return { ...(await readFeatures(file)), out };
}

async function measured(model: ModelName, ...more: string[]): Promise<Record<string, unknown>> {
  const argv = command('evaluate', model, '--json', ...more);
  const { exitCode, out } = await mae(...argv);
  expect(exitCode).toBe(0);
  return JSON.parse(out);
}

describe.each<[ModelName, string, ModelName, number]>([
  ['multiples', '12x20', 'large', 15],
  ['any', '12x20', 'large', 15],
  ['any', '11x18', 'padded', 15],
])('a model that accepts %s sees pictures of %s as one of that size does:', (model, size, own, patches) => {
  // The other's positions are interpolated when its weights are loaded.
  test('its features', async () => {
    const seen = await features(model, '--image', size);
    expect(seen.out).toMatch(
      new RegExp(`^image {5}${size}, ${patches} patches; the model was compiled for 8x8, 4 patches$`, 'm'),
    );
    expect(seen).toMatchObject({ shape: [12, (2 + patches) * 16], image: size });
    const expected = await features(own);
    expect(expected).toMatchObject({ shape: seen.shape, image: size });
    expect(relativeDeviation(seen.values, expected.values)).toBeLessThan(2e-5);
  });

  test('the features of its first block', async () => {
    const seen = await features(model, '--image', size, '--layer', '1');
    const expected = await features(own, '--layer', '1');
    expect(relativeDeviation(seen.values, expected.values)).toBeLessThan(2e-5);
  });

  test('its classifications', async () => {
    const options = ['--split', 'all', '--training', 'finetune'];
    const { loss, ...seen } = await measured(model, '--image', size, ...options);
    const { loss: ownLoss, ...expected } = await measured(own, ...options);
    expect(seen).toEqual(expected);
    expect(Number(loss)).toBeCloseTo(Number(ownLoss), 4);
    expect(Number((await measured(model, ...options)).loss)).not.toBeCloseTo(Number(loss), 4);
  });

  test('the nearest neighbours', async () => {
    const seen = await measured(model, '--image', size, '--knn', '--neighbours', '3');
    expect(seen).toEqual(await measured(own, '--knn', '--neighbours', '3'));
  });
});

test('the size of the spec is one of those that every model takes', async () => {
  const { out, ...seen } = await features('exact', '--image', '8x8', '--engine', 'tfjs');
  expect(out).not.toMatch(/^image/m);
  expect(seen).toMatchObject({ shape: [12, 6 * 16], image: '8x8' });
});

describe('a size that is not taken is told with what would be right:', () => {
  const outFile = (name: string) => (name === 'features' ? ['--out', at('never.npy')] : []);
  test.each<[string, ModelName, string[], number, string[]]>([
    [
      'one that is not the spec’s',
      'exact',
      ['--image', '12x20'],
      1,
      [
        'exact takes pictures of 8x8 only, which is the size of image in its spec, not of 12x20',
        'write accept multiples into its spec',
        'mae-compile spec/ --out generated --set exact.accept=multiples',
      ],
    ],
    [
      'one that is not of whole patches',
      'multiples',
      ['--image', '11x18'],
      1,
      [
        'multiples takes pictures of whole patches of 4x4, which 11x18 is not',
        'the nearest size is 12x20; with accept any',
      ],
    ],
    [
      'one less than a patch',
      'multiples',
      ['--image', '1x8'],
      1,
      ['which 1x8 is not', 'the nearest size is 4x8'],
    ],
    [
      'another with the generated classes',
      'multiples',
      ['--image', '12x20', '--engine', 'tfjs'],
      1,
      ['the tfjs engine takes pictures of 8x8 only', 'leave out --engine'],
    ],
    ['no size', 'any', ['--image', '12'], 2, ["argument '12' is invalid", 'such as 224x224']],
    ['nothing', 'any', ['--image', '0x12'], 2, ["argument '0x12' is invalid", 'from 1 to 16384']],
    ['too large a size', 'any', ['--image', '12x16385'], 2, ["argument '12x16385' is invalid"]],
  ])('%s', async (_, model, options, exitCode, parts) => {
    for (const name of ['features', 'evaluate']) {
      const result = await mae(...command(name, model, ...options, ...outFile(name)));
      for (const part of parts) expect(result.error).toContain(part);
      expect(result.exitCode).toBe(exitCode);
      expect(result.error).not.toMatch(/^\s+at |internal error/m);
    }
  });
});
