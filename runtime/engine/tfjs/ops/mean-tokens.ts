import { mean, reshape, type Tensor3D } from '@tensorflow/tfjs';
import type { Rows } from '../shapes.ts';

/** The mean over each picture's tokens of x [batch*tokens, width] → [batch, width]. */
export function meanTokens<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  tokens: Tokens,
): Rows<1, Width> {
  const pictures: Tensor3D = reshape(x, [-1, tokens, x.shape[1]]);
  return mean<Rows<1, Width>>(pictures, 1);
}
