import { UserError } from '../user-error.ts';

/** How many names of classes a message lists. */
const LISTED = 5;

/** How many of the labels (0..classes-1) each class has. */
export function countLabels(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) {
    if (label < 0 || label >= classes) throw new RangeError(`label ${label} is none of ${classes} classes`);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/**
 * Weights [classes] with which every class has the same part in the loss, however many pictures it has: pictures / (classes ·
 * pictures of the class), so that the mean weight of a picture is 1 (King and Zeng, "Logistic regression in rare events data",
 * 2001; scikit-learn's `class_weight="balanced"`).
 *
 * @throws UserError when a class has no picture.
 */
export function balancedClassWeights(labels: Int32Array, classNames: readonly string[]): Float32Array {
  const counts = countLabels(labels, classNames.length);
  const empty = classNames.filter((_, i) => counts[i] === 0);
  if (empty.length > 0) {
    const listed = empty.slice(0, LISTED).join(', ') + (empty.length > LISTED ? ', …' : '');
    throw new UserError(
      `balanced class weights need pictures of every class, and ${empty.length} of ${classNames.length} have none: ${listed}`,
      'add pictures of these classes, remove their folders, or train without class weights',
    );
  }
  return Float32Array.from(counts, (count) => labels.length / (classNames.length * count));
}
