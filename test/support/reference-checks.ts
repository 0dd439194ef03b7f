import { expect } from 'vitest';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import { type ReferenceCase, relativeDeviation } from '../reference/reference-case.ts';
import { adamTolerance } from './adam-tolerance.ts';

/** What outputs and gradients may deviate by: a few times what PyTorch's own float32 run does. */
export const OUTPUT_TOLERANCE = 2e-6;
export const LOSS_TOLERANCE = 5e-7;

/** Without the key third of a qkv bias, whose true gradient is zero. */
export function meaningful(name: string, numbers: Float32Array | Float64Array): Float32Array | Float64Array {
  if (!name.endsWith('qkv.bias')) return numbers;
  const third = numbers.length / 3;
  return numbers.filter((_, index) => index < third || index >= 2 * third);
}

/** Expects the recorded gradients, of the same parameters. */
export function checkGradients(gradients: readonly NamedTensor[], reference: ReferenceCase): void {
  const recorded = reference.tensorNames.filter((name) => name.startsWith('grad.'));
  expect(gradients.map(({ name }) => `grad.${name}`).sort()).toEqual(recorded.sort());
  for (const { name, data } of gradients) {
    const expected = meaningful(name, reference.float64(`grad.${name}`));
    expect(relativeDeviation(meaningful(name, data), expected), name).toBeLessThan(OUTPUT_TOLERANCE);
  }
}

export interface SteppedWith {
  readonly steps: number;
  readonly learningRate: number;
  readonly epsilon: number;
  readonly rateScales?: ReadonlyMap<string, number>;
}

/** Expects the recorded parameters after some AdamW steps, and those unchanged that have no gradient. */
export function checkAdamParameters(
  parameters: readonly NamedTensor[],
  reference: ReferenceCase,
  { steps, learningRate, epsilon, rateScales }: SteppedWith,
): void {
  for (const { name, data } of parameters) {
    if (!reference.tensorNames.includes(`grad.${name}`)) {
      expect(data, name).toEqual(reference.tensor(name).data);
      continue;
    }
    const actual = meaningful(name, data);
    const expected = meaningful(name, reference.float64(`step${steps}.${name}`));
    const gradient = meaningful(name, reference.float64(`grad.${name}`));
    const scaled = learningRate * (rateScales?.get(name) ?? 1);
    const tolerance = adamTolerance(expected, gradient, { steps, learningRate: scaled, epsilon });
    const beyond = Array.from(expected, (value, index) => {
      return Math.abs((actual[index] ?? Number.NaN) - value) - (tolerance[index] ?? 0);
    });
    expect(Math.max(...beyond), `${name} after ${steps}`).toBeLessThanOrEqual(0);
  }
}
