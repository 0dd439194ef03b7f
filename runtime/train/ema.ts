/**
 * The decay of a moving average after `updates` updates of it: the average of a young run forgets its first steps sooner.
 * min(decay, (1 + t) / (10 + t)), the warm-up of TensorFlow's `ExponentialMovingAverage`.
 */
export function averageDecay(decay: number, updates: number): number {
  return Math.min(decay, (1 + updates) / (10 + updates));
}
