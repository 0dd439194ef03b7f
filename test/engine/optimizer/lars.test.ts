import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LarsSettings, NamedTensor } from '../../../runtime/engine/engine.ts';
import { loadReferenceCase, recordedFolder, relativeDeviation } from '../../reference/reference-case.ts';
import { STORES, storeParameter } from './stores.ts';

const reference = await loadReferenceCase('g_linprobe', recordedFolder);
const { optimizer: official } = z
  .object({
    optimizer: z.object({
      lr: z.number(),
      momentum: z.number(),
      trust_coefficient: z.number(),
      weight_decay: z.number(),
    }),
  })
  .parse(reference.json);
const WEIGHT = 'head.1.weight';
const BIAS = 'head.1.bias';
const LARS: LarsSettings & { readonly learningRate: number } = {
  kind: 'lars',
  learningRate: official.lr,
  momentum: official.momentum,
  trust: official.trust_coefficient,
  weightDecay: official.weight_decay,
};

/** Features [rows][width] with each column's mean 0 and (biased) variance 1, as the probe's batch norm makes them. */
function standardized(features: Float64Array, rows: number, epsilon: number): number[][] {
  const width = features.length / rows;
  const at = (row: number, column: number) => features[row * width + column] ?? Number.NaN;
  const indices = Array.from({ length: rows }, (_, row) => row);
  const mean = (of: (row: number) => number) => indices.reduce((sum, row) => sum + of(row), 0) / rows;
  const columns = Array.from({ length: width }, (_, column) => {
    const center = mean((row) => at(row, column));
    const scale = 1 / Math.sqrt(mean((row) => (at(row, column) - center) ** 2) + epsilon);
    return { center, scale };
  });
  return indices.map((row) => columns.map(({ center, scale }, column) => (at(row, column) - center) * scale));
}

const labels = Array.from(reference.float64('labels'));
const inputs = standardized(reference.float64('features'), labels.length, 1e-6);

/** Gradients of the mean cross entropy of a linear layer, in float64: (softmax(W x + b) - one-hot) and its products with x. */
function gradientsOf(parameters: readonly NamedTensor[]): Map<string, Float64Array> {
  const find = (name: string) => parameters.find((each) => each.name === name)?.data ?? new Float32Array();
  const [weight, bias] = [find(WEIGHT), find(BIAS)];
  const gradients = new Map([
    [WEIGHT, new Float64Array(weight.length)],
    [BIAS, new Float64Array(bias.length)],
  ]);
  inputs.forEach((input, row) => {
    const exponentials = Array.from(bias, (b, k) =>
      Math.exp(input.reduce((sum, x, i) => sum + x * (weight[k * input.length + i] ?? 0), b)),
    );
    const total = exponentials.reduce((sum, each) => sum + each, 0);
    exponentials.forEach((each, k) => {
      const slope = (each / total - (labels[row] === k ? 1 : 0)) / labels.length;
      addTo(gradients.get(BIAS), k, slope);
      input.forEach((x, i) => {
        addTo(gradients.get(WEIGHT), k * input.length + i, slope * x);
      });
    });
  });
  return gradients;
}

function addTo(sums: Float64Array | undefined, index: number, term: number): void {
  if (sums) sums[index] = (sums[index] ?? 0) + term;
}

describe.each(Object.entries(STORES))('on %s, lars', (_, open) => {
  it('takes the recorded steps of the official linear probe', async () => {
    const { store, accumulate, close } = await open([
      storeParameter(WEIGHT, [10, 32], true),
      storeParameter(BIAS, [10], false),
    ]);
    await store.loadParameters([reference.tensor(WEIGHT), reference.tensor(BIAS)]);
    for (const step of [1, 2, 3]) {
      const gradients = gradientsOf(await store.readParameters());
      if (step === 1) {
        for (const [name, gradient] of gradients) {
          expect(relativeDeviation(gradient, reference.float64(`grad.${name}`)), name).toBeLessThan(2e-6);
        }
      }
      await accumulate(gradients);
      await store.update(LARS);
      if (step === 2) continue;
      for (const { name, data } of await store.readParameters()) {
        expect(relativeDeviation(data, reference.float64(`step${step}.${name}`)), name).toBeLessThan(3e-7);
      }
      const { kind, secondMoments, firstMoments } = await store.readOptimizerState();
      expect({ kind, secondMoments }).toEqual({ kind: 'lars', secondMoments: [] });
      for (const { name, data } of firstMoments) {
        expect(relativeDeviation(data, reference.float64(`mu${step}.${name}`)), name).toBeLessThan(3e-6);
      }
    }
    close();
  });

  it('takes a plain step where a norm is zero, and decays matrices only', async () => {
    const { store, accumulate, close } = await open([
      storeParameter('zero.weight', [2, 2], true),
      storeParameter('still.weight', [2, 2], true),
      // What decays under the other optimizers does not matter.
      storeParameter('matrix', [2, 2], false),
      storeParameter('vector', [4], true),
    ]);
    const values = {
      'zero.weight': [0, 0, 0, 0],
      'still.weight': [1, 2, 3, 4],
      matrix: [0, 3, 0, 4],
      vector: [1, 2, 3, 4],
    };
    const shapes = { 'zero.weight': [2, 2], 'still.weight': [2, 2], matrix: [2, 2], vector: [4] };
    await store.loadParameters(
      Object.entries(values).map(([name, data]) => {
        return { name, shape: shapes[name as keyof typeof shapes], data: Float32Array.from(data) };
      }),
    );
    const gradients = {
      'zero.weight': [1, 0, 2, 0],
      'still.weight': [0, 0, 0, 0],
      matrix: [0, 0, 0, 0],
      vector: [1, 1, 1, 1],
    };
    await accumulate(new Map(Object.entries(gradients)));
    await store.update({ kind: 'lars', learningRate: 0.5, momentum: 0.9, trust: 0.1, weightDecay: 0 });
    const read = async () =>
      new Map((await store.readParameters()).map(({ name, data }) => [name, [...data]]));
    expect(await read()).toEqual(
      new Map([
        ['zero.weight', [-0.5, 0, -1, 0]],
        ['still.weight', [1, 2, 3, 4]],
        ['matrix', [0, 3, 0, 4]],
        ['vector', [0.5, 1.5, 2.5, 3.5]],
      ]),
    );
    await accumulate(
      new Map(Object.entries({ ...gradients, 'zero.weight': [0, 0, 0, 0], vector: [0, 0, 0, 0] })),
    );
    await store.update({ kind: 'lars', learningRate: 0.5, momentum: 0, trust: 0.1, weightDecay: 8 });
    // The change is 8 p, scaled to a tenth of |p|: p / 10. The vector keeps its value: neither decay nor momentum.
    const after = await read();
    expect(relativeDeviation(after.get('matrix') ?? [], [0, 2.85, 0, 3.8])).toBeLessThan(1e-7);
    expect(after.get('vector')).toEqual([0.5, 1.5, 2.5, 3.5]);
    close();
  });
});
