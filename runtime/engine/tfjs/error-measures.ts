import { abs, mul, sign, square, type Tensor } from '@tensorflow/tfjs';

/** How a difference is measured, element by element, and the derivative of that. */
export interface ErrorMeasure {
  measure(difference: Tensor): Tensor;
  slope(difference: Tensor): Tensor;
}

export const squaredError: ErrorMeasure = {
  measure: (difference) => square(difference),
  slope: (difference) => mul(difference, 2),
};

export const absoluteError: ErrorMeasure = {
  measure: (difference) => abs(difference),
  slope: (difference) => sign(difference),
};
