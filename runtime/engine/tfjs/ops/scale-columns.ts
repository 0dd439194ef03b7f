import { mul, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { sumOfRows } from '../matmul.ts';
import type { Rows, Vector } from '../shapes.ts';

/** Each channel of x [batch*tokens, width] times its own factor [width]. */
export function scaleColumns<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  factors: Vector<Width>,
): Rows<Tokens, Width> {
  return differentiable(
    [x, factors],
    () => ({ value: mul<Rows<Tokens, Width>>(x, factors), saved: [x, factors] }),
    (dy, [input, scale]) => [mul(dy, scale), sumOfRows(mul<Tensor2D>(dy, input))],
  );
}
