import { describe, expect, test } from 'vitest';
import type { MixingSettings } from '../../runtime/data/augment/settings.ts';
import { labelsFromTexts } from '../../runtime/data/labels.ts';
import { Pictures } from '../../runtime/data/pictures.ts';
import { makeSource } from '../../runtime/data/source.ts';
import type { ClassificationBatch } from '../../runtime/engine/engine.ts';
import type { CompiledClassifierRecipe } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { classificationMicroBatches } from '../../runtime/train/classification-batches.ts';
import { runLength } from '../../runtime/train/run-length.ts';

const SIDE = 8;
const PIXELS = 3 * SIDE * SIDE;
const COUNT = 12;
const CLASSES = ['a', 'b', 'c'];

/** Twelve pictures of random bytes, of three classes in turn. */
function pictures(): Pictures {
  const names = Array.from({ length: COUNT }, (_, i) => `${CLASSES[i % 3]}/${i}.png`);
  const source = makeSource({
    kind: 'test',
    location: 'here',
    names,
    labels: labelsFromTexts({ texts: names.map(([first]) => first), where: String }),
    content: 'raw',
    locate: String,
    read: async (index) => ({
      height: SIDE,
      width: SIDE,
      channels: 3,
      data: Uint8Array.from({ length: PIXELS }, (_, i) => Random.from('pixel', index, i).integer(256)),
    }),
  });
  const even = [0.5, 0.5, 0.5];
  return new Pictures({
    source,
    image: { height: SIDE, width: SIDE, channels: 3, mean: even, deviation: even },
  });
}

const NO_MIXING: MixingSettings = { mixup: 0, cutmix: 0, probability: 1, switching: 0.5 };

type Changes = Partial<Omit<CompiledClassifierRecipe, 'augment'>> & {
  readonly augment?: Partial<CompiledClassifierRecipe['augment']>;
};

/** A recipe that changes nothing of a picture. */
function recipeOf({ augment, ...more }: Changes): CompiledClassifierRecipe {
  return {
    name: 'test',
    epochs: 2,
    warmup: 0,
    batch: 6,
    accumulation: 1,
    recompute: 'none',
    precision: 'float32',
    optimizer: {
      kind: 'sgd',
      baseLearningRate: 1,
      learningRatePer: 1,
      weightDecay: 0,
      momentum: 0,
      nesterov: false,
    },
    schedule: 'cosine',
    minimumLearningRate: 0,
    clip: 0,
    ema: 0,
    augment: {
      crop: [1, 1],
      aspect: [1, 1],
      flip: false,
      colorJitter: 0,
      randAugment: { magnitude: 0, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
      erasing: { probability: 0, area: [0.02, 1 / 3], aspect: [0.3, 10 / 3] },
      mixing: NO_MIXING,
      ...augment,
    },
    seed: 3,
    classes: 3,
    pooling: 'mean',
    layerDecay: 1,
    dropPath: 0,
    dropout: 0,
    labelSmoothing: 0,
    classWeights: 'none',
    testCrop: 0.875,
    ...more,
  };
}

const random = (name: string) => ({
  name,
  type: 'float32' as const,
  shape: [{ perExample: 1 }],
  role: 'random' as const,
  keep: 0.5,
});

/** All batches of the run after a step. */
async function batchesOf(
  changes: Changes = {},
  { step = 0, classWeights }: { readonly step?: number; readonly classWeights?: Float32Array } = {},
): Promise<ClassificationBatch[]> {
  const recipe = recipeOf(changes);
  const source = classificationMicroBatches({
    graph: { inputs: [random('drop')] },
    recipe,
    length: runLength(recipe.epochs, Math.floor(COUNT / recipe.batch)),
    pictures: pictures(),
    ...(classWeights ? { classWeights } : {}),
  });
  const batches: ClassificationBatch[] = [];
  for await (const { batch } of source(step)) batches.push(batch);
  return batches;
}

const rowsOf = (values: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));

describe('the batches of a classifier', () => {
  test('have each picture once an epoch, with its class', async () => {
    const batches = await batchesOf();
    expect(batches.map(({ size }) => size)).toEqual([6, 6, 6, 6]);
    const [first, second] = [batches.slice(0, 2), batches.slice(2)].map((epoch) =>
      epoch.flatMap(({ images, targets }) => {
        const classes = rowsOf(targets, 3);
        return rowsOf(images, PIXELS).map((image, i) => ({ image, target: classes[i] }));
      }),
    );
    // The pictures as bytes say which they are.
    for (const epoch of [first ?? [], second ?? []]) {
      const found = epoch.map(({ image, target }) => {
        const byte = (place: number) => Math.round(((image[place] ?? 0) * 0.5 + 0.5) * 255);
        const index = Array.from({ length: COUNT }, (_, i) => i).find(
          (i) => Random.from('pixel', i, 0).integer(256) === byte(0),
        );
        expect(target?.[(index ?? 0) % 3]).toBe(1);
        return index;
      });
      expect(found.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    }
  });

  test('spread what label smoothing takes over all classes', async () => {
    const [batch] = await batchesOf({ labelSmoothing: 0.3 });
    for (const row of rowsOf(batch?.targets ?? new Float32Array(), 3)) {
      expect([...row].sort().map((value) => Number(value.toFixed(6)))).toEqual([0.1, 0.1, 0.8]);
    }
  });

  test('count a class as much as its weight says', async () => {
    const classWeights = Float32Array.of(2, 0.5, 1);
    const [plain] = await batchesOf({ labelSmoothing: 0.3 });
    const [weighted] = await batchesOf({ labelSmoothing: 0.3 }, { classWeights });
    weighted?.targets.forEach((value, i) => {
      expect(value).toBeCloseTo((plain?.targets[i] ?? 0) * (classWeights[i % 3] ?? 0), 6);
    });
  });

  test('are blended with themselves in reverse by mixup', async () => {
    const plain = await batchesOf();
    const mixed = await batchesOf({ augment: { mixing: { ...NO_MIXING, mixup: 0.8 } } });
    const shares = mixed.map((batch, at) => {
      const [targets, before] = [
        rowsOf(batch.targets, 3),
        rowsOf(plain[at]?.targets ?? new Float32Array(), 3),
      ];
      // From a picture whose partner is of another class the share can be read.
      const row = before.findIndex((own, i) => String(own) !== String(before[5 - i]));
      const share = targets[row]?.[before[row]?.indexOf(1) ?? -1] ?? Number.NaN;
      const [images, originals] = [
        rowsOf(batch.images, PIXELS),
        rowsOf(plain[at]?.images ?? batch.images, PIXELS),
      ];
      images.forEach((image, i) => {
        const error = Math.max(
          ...image.map((value, place) => {
            const [own, other] = [originals[i]?.[place] ?? 0, originals[5 - i]?.[place] ?? 0];
            return Math.abs(value - (share * own + (1 - share) * other));
          }),
        );
        expect(error).toBeLessThan(1e-6);
      });
      return share;
    });
    // One share for a batch, another for the next.
    expect(new Set(shares).size).toBe(shares.length);
    for (const share of shares) expect(share).toBeGreaterThan(0);
  });

  test('swap boxes of one size by cutmix', async () => {
    const plain = await batchesOf();
    const mixed = await batchesOf({ augment: { mixing: { ...NO_MIXING, cutmix: 1 } } });
    let swapped = 0;
    mixed.forEach((batch, at) => {
      const originals = rowsOf(plain[at]?.images ?? batch.images, PIXELS);
      rowsOf(batch.images, PIXELS).forEach((image, i) => {
        const foreign = image.filter((value, place) => value !== originals[i]?.[place]);
        for (const [place, value] of image.entries()) {
          expect([originals[i]?.[place], originals[5 - i]?.[place]]).toContain(value);
        }
        const own = rowsOf(plain[at]?.targets ?? batch.targets, 3)[i]?.indexOf(1) ?? -1;
        const other = rowsOf(plain[at]?.targets ?? batch.targets, 3)[5 - i]?.indexOf(1) ?? -1;
        const share = rowsOf(batch.targets, 3)[i]?.[own] ?? Number.NaN;
        // Random pixels are hardly ever the same in two pictures.
        if (own !== other) expect(foreign.length / PIXELS).toBeCloseTo(1 - share, 1);
        swapped += foreign.length;
      });
    });
    expect(swapped).toBeGreaterThan(0);
  });

  test.each([
    [
      'RandAugment',
      { randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 1 } },
    ],
    ['erasing', { erasing: { probability: 1, area: [0.1, 0.3], aspect: [0.5, 2] } }],
    ['colour jitter', { colorJitter: 0.4 }],
    ['cropping', { crop: [0.2, 0.5] }],
  ] as const)('are changed by %s', async (_, augment) => {
    const [plain, changed] = [
      await batchesOf(),
      await batchesOf({ augment: { ...augment } as Changes['augment'] & object }),
    ];
    const same = rowsOf(changed[0]?.images ?? new Float32Array(), PIXELS).filter(
      (image, i) => String(image) === String(rowsOf(plain[0]?.images ?? image, PIXELS)[i]),
    );
    expect(same).toEqual([]);
    expect(changed[0]?.targets).toEqual(plain[0]?.targets);
  });

  test('leave parts of the network out, picture by picture', async () => {
    const batches = await batchesOf();
    const factors = batches.flatMap(({ drops }) => [...(drops?.get('drop') ?? [])]);
    expect(factors).toHaveLength(24);
    expect(new Set(factors)).toEqual(new Set([0, 2]));
  });

  test('are the same after any step as in the whole run', async () => {
    const changes: Changes = {
      batch: 4,
      accumulation: 2,
      augment: {
        crop: [0.3, 1],
        flip: true,
        colorJitter: 0.3,
        randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
        erasing: { probability: 0.5, area: [0.02, 1 / 3], aspect: [0.3, 10 / 3] },
        mixing: { mixup: 0.8, cutmix: 1, probability: 1, switching: 0.5 },
      },
    };
    const whole = await batchesOf(changes);
    expect(whole).toHaveLength(12);
    for (const step of [1, 3, 5]) expect(await batchesOf(changes, { step })).toEqual(whole.slice(2 * step));
  });
});
