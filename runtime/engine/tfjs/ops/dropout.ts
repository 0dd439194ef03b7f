import { mul, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows } from '../shapes.ts';

/**
 * Each number of x [batch*tokens, width] times its own factor, which is 0 where it is left out; x itself without factors. They have
 * no gradient.
 */
export function dropout<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  factors: Tensor2D | undefined,
): Rows<Tokens, Width> {
  if (factors === undefined) return x;
  if (factors.shape[0] !== x.shape[0] || factors.shape[1] !== x.shape[1]) {
    throw new Error(`dropout of [${x.shape}] needs as many factors, not [${factors.shape}]`);
  }
  return differentiable(
    [x],
    () => ({ value: mul<Rows<Tokens, Width>>(x, factors), saved: [factors] }),
    (dy, [kept]) => [mul(dy, kept)],
  );
}
