import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClassificationBatch } from '../../runtime/engine/engine.ts';
import { classify } from '../../runtime/train/classify.ts';
import { drawColours } from './tiny-classifier.ts';
import { scratchFolder } from './tiny-run.ts';
import { byName, toyRuns } from './toy-runs.ts';

const toy = toyRuns();
const { checkpointOf, classifierOf, defaultRecipe, initialOf, setting } = toy;

describe('fine-tuning', () => {
  test('lowers the rate from layer to layer', async () => {
    const { optimizer } = defaultRecipe('finetune');
    const recipe = { layerDecay: 0.5, optimizer: { ...optimizer, weightDecay: 0 } };
    const { out, options } = await setting({ recipe, more: { maxSteps: 1, validation: 0 } });
    await classify(options);
    const [before, after] = [initialOf('finetune'), byName((await checkpointOf(out)).parameters)];
    // AdamW's first step changes every number by the rate, whatever the gradient is. One block, so two layers below the head's.
    const rate = 1e-2;
    for (const [name, factor] of [
      ['head.weight', 1],
      ['fc_norm.weight', 1],
      ['blocks.0.mlp.fc1.weight', 0.5],
      ['patch_embed.proj.weight', 0.25],
      ['pos_embed', 0.25],
    ] as const) {
      const [old, now] = [before.get(name), after.get(name)];
      const largest = Math.max(...(now ?? []).map((value, i) => Math.abs(value - (old?.[i] ?? 0))));
      expect(largest / (rate * factor), name).toBeCloseTo(1, 2);
    }
  });

  test('clips the gradients by their global norm', async () => {
    const optimizer = {
      kind: 'sgd' as const,
      baseLearningRate: 1,
      learningRatePer: 6,
      weightDecay: 0,
      momentum: 0,
      nesterov: false,
    };
    const { out, options } = await setting({
      recipe: { optimizer, clip: 0.01 },
      more: { maxSteps: 1, validation: 0 },
    });
    await classify(options);
    const before = initialOf('finetune');
    let square = 0;
    for (const { name, data: numbers } of (await checkpointOf(out)).parameters) {
      numbers.forEach((value, i) => {
        square += (value - (before.get(name)?.[i] ?? 0)) ** 2;
      });
    }
    // Plain gradient descent at rate 1 moves by the gradient, and that is 0.01 long.
    expect(Math.sqrt(square)).toBeCloseTo(0.01, 5);
  });

  test('has the same gradient from micro-batches as from the whole batch', async () => {
    const gradients: ReadonlyMap<string, Float32Array>[] = [];
    for (const accumulation of [1, 3]) {
      const { options } = await setting({
        recipe: { accumulation, labelSmoothing: 0.1 },
        more: { maxSteps: 1, validation: 0 },
        tamper: (engine) => {
          const update = engine.update.bind(engine);
          engine.update = async (how) => {
            gradients.push(byName(await engine.readGradients()));
            return update(how);
          };
        },
      });
      await classify(options);
    }
    const [whole, parts] = gradients;
    expect(whole?.size).toBe(classifierOf('finetune').parameters.filter((p) => p.trainable).length);
    for (const [name, gradient] of whole ?? []) {
      const largest = Math.max(...gradient.map(Math.abs));
      const own = parts?.get(name);
      const error = Math.max(...gradient.map((value, i) => Math.abs(value - (own?.[i] ?? Number.NaN))));
      expect(error, name).toBeLessThan(1e-5 * largest + 1e-8);
    }
  });

  test('gives rare classes more weight when they are to be balanced', async () => {
    const uneven = await drawColours(join(await scratchFolder(), 'uneven'), { blue: 2, green: 4, red: 6 });
    const batches: ClassificationBatch[] = [];
    const { options } = await setting({
      recipe: { classWeights: 'balanced', batch: 12, labelSmoothing: 0 },
      more: { data: uneven, maxSteps: 1, validation: 0 },
      tamper: (engine) => {
        const accumulate = engine.accumulate.bind(engine);
        engine.accumulate = (batch, weight) => {
          batches.push(batch);
          return accumulate(batch, weight);
        };
      },
    });
    await classify(options);
    const rows = Array.from({ length: 12 }, (_, i) => [
      ...(batches[0]?.targets.subarray(3 * i, 3 * i + 3) ?? []),
    ]);
    // 12 pictures / (3 classes · the pictures of the class).
    const wanted = [
      ...new Array(2).fill([2, 0, 0]),
      ...new Array(4).fill([0, 1, 0]),
      ...new Array(6).fill([0, 0, Math.fround(2 / 3)]),
    ];
    expect(rows.map(String).sort()).toEqual(wanted.map(String).sort());
  });
});
