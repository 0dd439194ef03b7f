import { mul, reshape, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows } from '../shapes.ts';

/**
 * All tokens of a picture, x [batch*tokens, width], times the picture's factor [batch, 1]. The factors count as given: they have
 * no gradient.
 */
export function scaleExamples<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  factors: Rows<1, 1>,
  tokens: Tokens,
): Rows<Tokens, Width> {
  const width = x.shape[1];
  const scaled = (rows: Tensor2D): Tensor2D =>
    reshape(mul(reshape(rows, [-1, tokens * width]), factors), [-1, width]);
  return differentiable(
    [x],
    () => ({ value: scaled(x) as Rows<Tokens, Width>, saved: [] }),
    (dy) => [scaled(dy)],
  );
}
