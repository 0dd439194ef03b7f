import { add, div, mean, mul, sqrt, square, sub } from '@tensorflow/tfjs';
import type { Rows } from '../shapes.ts';

/** Each patch (row) less its mean, over the root of its unbiased variance plus epsilon. */
export function normalizePatches<Tokens extends number, Width extends number>(
  patches: Rows<Tokens, Width>,
  epsilon: number,
): Rows<Tokens, Width> {
  const values = patches.shape[1];
  const centred = sub(patches, mean(patches, -1, true));
  const variance = mul(mean(square(centred), -1, true), values / Math.max(values - 1, 1));
  return div<Rows<Tokens, Width>>(centred, sqrt(add(variance, epsilon)));
}
