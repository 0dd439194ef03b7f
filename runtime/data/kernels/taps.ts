import { roundUp, type Workspace } from './workspace.ts';

/** Where a workspace has what the outputs of one axis are made of. */
export interface Taps {
  /** For each output the first input, counted from `firstInput`: a 32-bit number. */
  readonly first: number;
  /** For each output how many inputs. */
  readonly count: number;
  /** Their weights times 2^22; those of output i begin `perOutput` bytes after those of the one before. */
  readonly weights: number;
  readonly perOutput: number;
  readonly outputs: number;
  /** The first input that any output is made of, and how many there are up to the last. */
  readonly firstInput: number;
  readonly inputs: number;
}

const PRECISION = 22;

/** Bicubic convolution with a = -0.5, as Keys (1981) chose it. */
export function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5;
  return 0;
}

/** Writes the taps of outputs start..start+outputs-1 of an axis resized from `inputs` pixels to `resized`. */
export function writeTaps(
  workspace: Workspace,
  inputs: number,
  resized: number,
  start: number,
  outputs: number,
): Taps {
  const scale = inputs / resized;
  const stretch = Math.max(scale, 1);
  const support = 2 * stretch;
  const firstOf = (centre: number) => Math.max(0, Math.trunc(centre - support + 0.5));
  const firstInput = firstOf((start + 0.5) * scale);
  const perOutput = Math.ceil(support) * 2 + 1;
  const size = 4 * outputs * (perOutput + 2);
  const at = workspace.take(roundUp(size, 16));
  const [firsts, counts, all] = [
    new Int32Array(workspace.memory.buffer, at, outputs),
    new Int32Array(workspace.memory.buffer, at + 4 * outputs, outputs),
    new Int32Array(workspace.memory.buffer, at + 8 * outputs, outputs * perOutput),
  ];
  const exact = new Float64Array(perOutput);
  let end = firstInput;
  for (let i = 0; i < outputs; i++) {
    const centre = (start + i + 0.5) * scale;
    const begin = firstOf(centre);
    const count = Math.min(inputs, Math.trunc(centre + support + 0.5)) - begin;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = bicubic((begin + k - centre + 0.5) / stretch);
      exact[k] = weight;
      sum += weight;
    }
    firsts[i] = begin - firstInput;
    counts[i] = count;
    end = begin + count;
    for (let k = 0; k < count; k++) {
      const weight = ((exact[k] ?? 0) / sum) * (1 << PRECISION);
      // Halves are rounded away from zero, as Pillow does.
      all[i * perOutput + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return {
    first: at,
    count: at + 4 * outputs,
    weights: at + 8 * outputs,
    perOutput: 4 * perOutput,
    outputs,
    firstInput,
    inputs: end - firstInput,
  };
}
