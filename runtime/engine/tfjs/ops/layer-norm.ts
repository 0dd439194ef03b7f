import { add, mean, mul, rsqrt, square, sub } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { sumOfRows } from '../matmul.ts';
import type { Rows, Vector } from '../shapes.ts';

/** Each row of x [batch*tokens, width] normalised over its channels, times weight plus bias [width]. */
export function layerNorm<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  weight: Vector<Width>,
  bias: Vector<Width>,
  epsilon: number,
): Rows<Tokens, Width> {
  return differentiable(
    [x, weight, bias],
    () => {
      const centred = sub(x, mean(x, -1, true));
      const inverse = rsqrt(add(mean(square(centred), -1, true), epsilon));
      const normalized = mul(centred, inverse);
      const value = add<Rows<Tokens, Width>>(mul(normalized, weight), bias);
      return { value, saved: [normalized, inverse, weight] };
    },
    (dy, [normalized, inverse, scale]) => {
      const dNormalized = mul(dy, scale);
      const along = mul(normalized, mean(mul(dNormalized, normalized), -1, true));
      const dx = mul(inverse, sub(sub(dNormalized, mean(dNormalized, -1, true)), along));
      return [dx, sumOfRows(mul(dy, normalized)), sumOfRows(dy)];
    },
  );
}
