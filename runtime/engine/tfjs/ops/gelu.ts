import { add, div, erf, exp, mul, square } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows } from '../shapes.ts';

/** Exact GELU, x * (1 + erf(x / sqrt 2)) / 2, element by element. */
export function gelu<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
): Rows<Tokens, Width> {
  return differentiable(
    [x],
    () => {
      const gate = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
      return { value: mul<Rows<Tokens, Width>>(x, gate), saved: [x, gate] };
    },
    (dy, [input, gate]) => {
      // x / exp(x² / 2) goes to zero where exp overflows: no NaN.
      const density = mul(div(input, exp(mul(square(input), 0.5))), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(gate, density))];
    },
  );
}
