import { div, mean, mul, reshape, type Scalar, sub, sum, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { absoluteError, type ErrorMeasure, squaredError } from '../error-measures.ts';
import type { Rows } from '../shapes.ts';

/**
 * The mean of (prediction - target)² over each patch's values [batch*patches, values], then over the patches whose mask
 * [batch, patches] is 1. The target counts as given: it has no gradient.
 */
export function maskedMeanSquaredError<Patches extends number, Width extends number>(
  prediction: Rows<Patches, Width>,
  target: Rows<Patches, Width>,
  mask: Rows<1, Patches>,
): Scalar {
  return maskedMeanError(prediction, target, mask, squaredError);
}

/** As `maskedMeanSquaredError`, of |prediction - target|. */
export function maskedMeanAbsoluteError<Patches extends number, Width extends number>(
  prediction: Rows<Patches, Width>,
  target: Rows<Patches, Width>,
  mask: Rows<1, Patches>,
): Scalar {
  return maskedMeanError(prediction, target, mask, absoluteError);
}

function maskedMeanError(
  prediction: Tensor2D,
  target: Tensor2D,
  mask: Tensor2D,
  error: ErrorMeasure,
): Scalar {
  const values = prediction.shape[1];
  return differentiable(
    [prediction],
    () => {
      const difference = sub(prediction, target);
      const weights = div(reshape(mask, [-1, 1]), sum(mask));
      const perPatch = mean(error.measure(difference), -1, true);
      return { value: sum<Scalar>(mul(perPatch, weights)), saved: [difference, weights] };
    },
    (dy, [difference, weights]) => [mul(error.slope(difference), mul(weights, mul(dy, 1 / values)))],
  );
}
