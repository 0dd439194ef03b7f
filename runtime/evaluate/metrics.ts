import { scanLogits } from './predictions.ts';

/** How well a classifier did on a set of pictures. All shares are in 0..1. */
export interface ClassificationSummary {
  readonly classes: number;
  /** How many pictures were counted. */
  readonly pictures: number;
  /** Pictures whose logits are no numbers (a NaN, +∞, or -∞ only): they count as wrong, and are left out of the loss. */
  readonly broken: number;
  /** Mean cross-entropy in nats, of the pictures that are not broken; NaN without any. */
  readonly loss: number;
  /** Share of the pictures whose class has the highest logit, or one of the five highest. NaN without pictures. */
  readonly top1: number;
  readonly top5: number;
  /** [true class, predicted class]. Broken pictures are in no column. */
  readonly confusion: Int32Array;
  /** [classes]: pictures of each class, and pictures that each class was predicted for. */
  readonly support: Int32Array;
  readonly predicted: Int32Array;
  /** [classes]. As in scikit-learn, a share of nothing (precision of a class that was never predicted) is 0. */
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f1: Float64Array;
  /** Mean recall of the classes that have pictures: accuracy if all had equally many. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes that have pictures or were predicted. */
  readonly macroF1: number;
}

const TOP = 5;

/**
 * Counts how well logits fit their labels, batch by batch. It holds classes² 32-bit counts and no logits.
 *
 * Classes are ranked by logit and, where those are equal, by index; a class with logit -∞ comes last. So top-1 and top-5
 * are those of torch.topk wherever the logits differ.
 */
export class ClassificationMetrics {
  readonly classes: number;
  readonly #confusion: Int32Array;
  readonly #support: Int32Array;
  #pictures = 0;
  #broken = 0;
  #loss = 0;
  #top1 = 0;
  #top5 = 0;

  constructor(classes: number) {
    this.classes = classes;
    this.#confusion = new Int32Array(classes * classes);
    this.#support = new Int32Array(classes);
  }

  /** Counts a batch: logits [size, classes], and labels [size] in 0..classes-1. */
  add(logits: Float32Array, labels: Int32Array): void {
    const { classes } = this;
    if (logits.length !== labels.length * classes) {
      throw new RangeError(`${logits.length} logits for ${labels.length} labels of ${classes} classes`);
    }
    const outside = labels.find((label) => label < 0 || label >= classes);
    if (outside !== undefined) throw new RangeError(`label ${outside} is none of ${classes} classes`);
    labels.forEach((label, row) => {
      this.#count(logits, row * classes, label);
    });
  }

  #count(logits: Float32Array, start: number, label: number): void {
    this.#pictures++;
    this.#support[label] = (this.#support[label] ?? 0) + 1;
    const { highest, logSum } = scanLogits(logits, start, this.classes);
    if (highest < 0) {
      this.#broken++;
      return;
    }
    const cell = label * this.classes + highest;
    this.#confusion[cell] = (this.#confusion[cell] ?? 0) + 1;
    this.#loss += logSum - (logits[start + label] ?? 0);
    const rank = rankOf(logits, start, this.classes, label);
    if (rank < 1) this.#top1++;
    if (rank < TOP) this.#top5++;
  }

  /** What was counted so far. */
  summary(): ClassificationSummary {
    const pictures = this.#pictures;
    return {
      classes: this.classes,
      pictures,
      broken: this.#broken,
      loss: this.#loss / (pictures - this.#broken),
      top1: this.#top1 / pictures,
      top5: this.#top5 / pictures,
      ...classShares(this.#confusion.slice(), this.#support.slice()),
    };
  }
}

/** How many classes stand before this one. */
function rankOf(logits: Float32Array, start: number, classes: number, label: number): number {
  const own = logits[start + label] ?? 0;
  if (own === Number.NEGATIVE_INFINITY) return classes - 1;
  let rank = 0;
  for (let i = 0; i < classes; i++) {
    const logit = logits[start + i] ?? 0;
    if (logit > own || (logit === own && i < label)) rank++;
  }
  return rank;
}

type ClassShares = Pick<
  ClassificationSummary,
  'confusion' | 'support' | 'predicted' | 'precision' | 'recall' | 'f1' | 'balancedAccuracy' | 'macroF1'
>;

function classShares(confusion: Int32Array, support: Int32Array): ClassShares {
  const classes = support.length;
  const predicted = new Int32Array(classes);
  confusion.forEach((count, cell) => {
    predicted[cell % classes] = (predicted[cell % classes] ?? 0) + count;
  });
  const right = (index: number) => confusion[index * classes + index] ?? 0;
  const shares = (total: (index: number) => number) =>
    Float64Array.from(support, (_, i) => (total(i) === 0 ? 0 : right(i) / total(i)));
  const precision = shares((i) => predicted[i] ?? 0);
  const recall = shares((i) => support[i] ?? 0);
  // The harmonic mean of precision and recall, without a division by zero where both are zero.
  const f1 = shares((i) => ((predicted[i] ?? 0) + (support[i] ?? 0)) / 2);
  return {
    confusion,
    support,
    predicted,
    precision,
    recall,
    f1,
    balancedAccuracy: mean(recall.filter((_, i) => support[i] !== 0)),
    macroF1: mean(f1.filter((_, i) => support[i] !== 0 || predicted[i] !== 0)),
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
