/** What a classifier says of pictures. */
export interface Predictions {
  /** [size]: the class with the highest logit, the first of several; -1 where the logits are no numbers. */
  readonly classes: Int32Array;
  /** [size]: the softmax of that class, NaN where the logits are no numbers. */
  readonly probabilities: Float32Array;
}

/** Reads the predicted class and its probability off logits [size, classes]. */
export function predictionsOf(logits: Float32Array, classes: number): Predictions {
  const size = logits.length / classes;
  const predictions = { classes: new Int32Array(size), probabilities: new Float32Array(size) };
  for (let row = 0; row < size; row++) {
    const { highest, logSum } = scanLogits(logits, row * classes, classes);
    predictions.classes[row] = highest;
    predictions.probabilities[row] =
      highest < 0 ? Number.NaN : Math.exp((logits[row * classes + highest] ?? 0) - logSum);
  }
  return predictions;
}

/** The softmax of one class of each picture, of logits [size, classes]: NaN where the logits are no numbers. */
export function probabilitiesOf(logits: Float32Array, classes: number, chosen: Int32Array): Float32Array {
  return Float32Array.from(chosen, (label, row) => {
    const { logSum } = scanLogits(logits, row * classes, classes);
    return Math.exp((logits[row * classes + label] ?? Number.NaN) - logSum);
  });
}

export interface ScannedLogits {
  /** Index of the highest logit, the first of several; -1 where there is none: with a NaN, +∞, or -∞ only. */
  readonly highest: number;
  /** log Σ exp(logit), taken relative to the highest logit so that nothing overflows; NaN where `highest` is -1. */
  readonly logSum: number;
}

/** Looks through the logits of one picture, which begin at `start`. */
export function scanLogits(logits: Float32Array, start: number, classes: number): ScannedLogits {
  let highest = 0;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < classes; i++) {
    const logit = logits[start + i] ?? 0;
    if (logit > maximum) {
      maximum = logit;
      highest = i;
    }
  }
  let sum = 0;
  for (let i = 0; i < classes; i++) sum += Math.exp((logits[start + i] ?? 0) - maximum);
  // A NaN among the logits, and ∞ - ∞ for a maximum that is infinite, have made the sum NaN.
  return Number.isNaN(sum) ? { highest: -1, logSum: sum } : { highest, logSum: maximum + Math.log(sum) };
}
