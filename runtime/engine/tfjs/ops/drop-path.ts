import { mul, reshape, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows } from '../shapes.ts';

/**
 * Stochastic depth: all tokens of a picture, x [batch*tokens, width], times the picture's factor [batch, 1], which is 0 where its
 * branch is left out; x itself without factors. They have no gradient.
 */
export function dropPath<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  factors: Tensor2D | undefined,
  tokens: Tokens,
): Rows<Tokens, Width> {
  if (factors === undefined) return x;
  const [rows, width] = x.shape;
  const [pictures, one] = factors.shape;
  if (pictures * tokens !== rows || one !== 1) {
    throw new Error(`drop path of ${rows / tokens} pictures needs as many factors, not [${factors.shape}]`);
  }
  const scaled = (each: Tensor2D, by: Tensor2D): Tensor2D =>
    reshape(mul(reshape(each, [-1, tokens * width]), by), [-1, width]);
  return differentiable(
    [x],
    () => ({ value: scaled(x, factors) as Rows<Tokens, Width>, saved: [factors] }),
    (dy, [kept]) => [scaled(dy, kept)],
  );
}
