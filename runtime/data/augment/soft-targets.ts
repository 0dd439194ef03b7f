export interface SoftTargetOptions {
  /** What of a target is spread evenly over all classes, 0..1; 0 without it. */
  readonly smoothing?: number;
  /** A factor for each class, by which that class's targets are multiplied; [classes]. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Targets [labels.length, classes] of class numbers: smoothing / classes everywhere, and 1 - smoothing more at the label, as timm's
 * `mixup_target`. The cross-entropy with weighted targets is PyTorch's with `weight` and `label_smoothing`, before it divides by
 * the sum of the labels' weights.
 *
 * @throws RangeError for a label that is not one of the classes.
 */
export function softTargets(
  labels: ArrayLike<number>,
  classes: number,
  { smoothing = 0, weights }: SoftTargetOptions = {},
): Float32Array {
  const off = smoothing / classes;
  const on = 1 - smoothing + off;
  const targets = new Float32Array(labels.length * classes).fill(off);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? Number.NaN;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(`label ${label} of example ${i} is not one of the classes 0..${classes - 1}`);
    }
    targets[i * classes + label] = on;
  }
  if (weights !== undefined) {
    for (let i = 0; i < targets.length; i++) targets[i] = (targets[i] ?? 0) * (weights[i % classes] ?? 1);
  }
  return targets;
}
