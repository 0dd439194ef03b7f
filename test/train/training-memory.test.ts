import { describe, expect, test } from 'vitest';
import { totalBytes, trainingMemory } from '../../compiler/emit/training-memory.ts';
import type { CompiledRecipe } from '../../runtime/model/compiled-spec.ts';
import { memoryWarning, trainingBytes } from '../../runtime/train/training-memory.ts';
import { tinySpec } from './tiny-run.ts';

const { pretrain } = tinySpec().recipes;
/** A recipe of one batch of 12 pictures. */
const recipe: CompiledRecipe = { ...pretrain, batch: 12, accumulation: 1 };
/** Of a model of a million parameters, a tenth of them frozen. */
const cost = {
  parameters: { total: 1_000_000, trainable: 900_000 },
  trainingActivationBytes: 10_000_000,
  recomputingActivationBytes: 1_000_000,
};
const PROCESS = 250e6;
const rates = { baseLearningRate: 0.1, learningRatePer: 256, weightDecay: 0 };
const optimizers = {
  adamw: pretrain.optimizer,
  sgd: { ...rates, kind: 'sgd', momentum: 0.9, nesterov: false },
  lars: { ...rates, kind: 'lars', momentum: 0.9, trust: 0.001 },
} as const;

describe('the memory of training', () => {
  test.each([
    // Numbers of each trainable parameter: gradients and their copy, moments, averages, another micro-batch's gradients.
    { kind: 'adamw', ema: 0, accumulation: 1, numbers: 2 + 2 },
    { kind: 'adamw', ema: 0.999, accumulation: 4, numbers: 2 + 2 + 1 + 1 },
    { kind: 'sgd', ema: 0, accumulation: 1, numbers: 2 + 1 },
    { kind: 'lars', ema: 0.999, accumulation: 1, numbers: 2 + 1 + 1 },
  ] as const)(
    'of $kind with ema $ema and $accumulation micro-batches has $numbers numbers of each parameter',
    (row) => {
      const { kind, ema, accumulation, numbers } = row;
      const changed: CompiledRecipe = { ...recipe, optimizer: optimizers[kind], ema, accumulation };
      const expected = PROCESS + 4 * (1_000_000 + numbers * 900_000) + (12 / accumulation) * 10_000_000;
      expect(trainingBytes(cost, changed)).toBe(expected);
      expect(totalBytes(trainingMemory(cost, changed))).toBe(expected);
    },
  );

  /**
   * Peak resident memory of `mae pretrain MODEL --batch B --accumulation 1 --steps 3 --device cpu --threads 2` on 128 JPEGs, the
   * checkpoint included, 2026-11-24: Node 20.20, ONNX Runtime 1.30, Linux.
   */
  test.each([
    { model: 'vit-tiny', batch: 64, parameters: 5_611_824, activations: 4_610_000, measured: 0.659e9 },
    { model: 'vit-base', batch: 8, parameters: 111_907_840, activations: 130_447_000, measured: 3.584e9 },
  ])('is within five per cent of what $model took at batch $batch', (row) => {
    const measured = {
      parameters: { total: row.parameters, trainable: row.parameters },
      trainingActivationBytes: row.activations,
    };
    const estimate = trainingBytes(measured, { ...recipe, batch: row.batch });
    expect(Math.abs(estimate / row.measured - 1)).toBeLessThan(0.05);
  });
});

describe('a warning of too little memory', () => {
  const fixed = PROCESS + 4 * (1_000_000 + 4 * 900_000);

  test('is given where training does not fit', () => {
    expect(memoryWarning(cost, recipe, fixed + 120_000_000)).toBeUndefined();
    expect(memoryWarning(cost, recipe, fixed + 119_999_999)).toContain(
      'training takes about 388 MB of memory, and there are 388 MB',
    );
  });

  test('names the largest micro-batch that fits, and what computing activations again would allow', () => {
    // Accumulation takes 3.6 MB for another set of gradients: 4 pictures of 10 MB fit into 50 MB, 6 do not.
    expect(memoryWarning(cost, recipe, fixed + 50_000_000)).toBe(
      'training takes about 388 MB of memory, and there are 318 MB; 4 pictures at once would fit, and the batch stays 12: --accumulation 3; or a step that computes activations again takes about a fifth longer and about 280 MB: recompute blocks in recipe tiny-recipe of the spec, compiled again',
    );
    // Into 8 MB only pictures of 1 MB: 4 of them.
    const little = memoryWarning(cost, recipe, fixed + 8_000_000);
    expect(little).not.toContain('at once');
    expect(little).toContain('about 276 MB with --accumulation 3: recompute blocks');
    expect(memoryWarning(cost, recipe, fixed)).toContain('not even one picture at a time would fit');
  });

  test('suggests nothing that is done already, or of which nothing is known', () => {
    const { recomputingActivationBytes: _, ...unknown } = cost;
    expect(memoryWarning(unknown, recipe, fixed + 50_000_000)).not.toContain('recompute');
    expect(memoryWarning(cost, { ...recipe, recompute: 'blocks' }, fixed + 50_000_000)).not.toContain(
      'recompute',
    );
    expect(memoryWarning(cost, { ...recipe, accumulation: 6 }, fixed + 14_000_000)).toMatch(
      /; 1 picture at once would fit.*--accumulation 12; or .*: recompute blocks/,
    );
  });
});
