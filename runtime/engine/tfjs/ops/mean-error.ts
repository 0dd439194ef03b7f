import { mean, mul, type Scalar, sub, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { absoluteError, type ErrorMeasure, squaredError } from '../error-measures.ts';
import type { Rows } from '../shapes.ts';

/** The mean of (prediction - target)² over everything. The target counts as given: it has no gradient. */
export function meanSquaredError<Tokens extends number, Width extends number>(
  prediction: Rows<Tokens, Width>,
  target: Rows<Tokens, Width>,
): Scalar {
  return meanError(prediction, target, squaredError);
}

/** The mean of |prediction - target| over everything. The target counts as given: it has no gradient. */
export function meanAbsoluteError<Tokens extends number, Width extends number>(
  prediction: Rows<Tokens, Width>,
  target: Rows<Tokens, Width>,
): Scalar {
  return meanError(prediction, target, absoluteError);
}

function meanError(prediction: Tensor2D, target: Tensor2D, error: ErrorMeasure): Scalar {
  return differentiable(
    [prediction],
    () => {
      const difference = sub(prediction, target);
      return { value: mean<Scalar>(error.measure(difference)), saved: [difference] };
    },
    (dy, [difference]) => [mul(error.slope(difference), mul(dy, 1 / difference.size))],
  );
}
