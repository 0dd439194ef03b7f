import { add, div, mean, mul, rsqrt, sqrt, square, sub, type Tensor, tidy } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Rows, Vector } from '../shapes.ts';

/** Each column of x [batch, width] less its mean over the batch, divided by its biased deviation. */
export function batchNorm<Width extends number>(x: Rows<1, Width>, epsilon: number): Rows<1, Width> {
  return differentiable(
    [x],
    () => {
      const centred = sub(x, mean(x, 0, true));
      const inverse = rsqrt(add(mean(square(centred), 0, true), epsilon));
      const value = mul<Rows<1, Width>>(centred, inverse);
      return { value, saved: [value, inverse] };
    },
    (dy, [y, inverse]) => {
      const along = mul(y, mean(mul(dy, y), 0, true));
      return [mul(inverse, sub(sub(dy, mean(dy, 0, true)), along))];
    },
  );
}

/** (x - mean) / sqrt(variance + epsilon) column by column: x [batch*tokens, width], mean and variance [width]. */
export function standardizeColumns<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  statisticMean: Vector<Width>,
  variance: Vector<Width>,
  epsilon: number,
): Rows<Tokens, Width> {
  return div<Rows<Tokens, Width>>(sub(x, statisticMean), sqrt(add(variance, epsilon)));
}

/** (1 - momentum) * running + momentum * mean over the batch of x [batch, width] → [width]. Not differentiated. */
export function runningMean<Width extends number>(
  running: Vector<Width>,
  x: Rows<1, Width>,
  momentum: number,
): Vector<Width> {
  return tidy(() => towards(running, mean(x, 0), momentum));
}

/** (1 - momentum) * running + momentum * unbiased variance over the batch of x [batch, width] → [width]. Not differentiated. */
export function runningVariance<Width extends number>(
  running: Vector<Width>,
  x: Rows<1, Width>,
  momentum: number,
): Vector<Width> {
  return tidy(() => {
    const pictures = x.shape[0];
    const biased = mean(square(sub(x, mean(x, 0, true))), 0);
    return towards(running, mul(biased, pictures / (pictures - 1)), momentum);
  });
}

function towards<Width extends number>(
  running: Vector<Width>,
  statistic: Tensor,
  momentum: number,
): Vector<Width> {
  return add<Vector<Width>>(mul(running, 1 - momentum), mul(statistic, momentum));
}
