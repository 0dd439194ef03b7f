import { type Pictures, readForEvaluation } from '../data/pictures.ts';
import { labelsOf } from '../data/source.ts';
import type { ClassifierEngine } from '../engine/engine.ts';
import { ClassificationMetrics, type ClassificationSummary } from './metrics.ts';

export interface EvaluationOptions {
  readonly engine: Pick<ClassifierEngine, 'classify'>;
  /** Labelled ones. */
  readonly pictures: Pictures;
  readonly classes: number;
  /** Share of a picture's shorter side that the model sees; see `evaluationCrop`. */
  readonly testCrop: number;
  /** Pictures that are classified at once. */
  readonly batch: number;
  /** Told after each batch how many pictures are done. */
  readonly onBatch?: (done: number, count: number) => void;
  /** Ends with a partial result after the batch under way. */
  readonly signal?: AbortSignal;
}

/** How well a classifier does on all pictures of a source. Those that cannot be read are left out. */
export async function evaluateClassifier(options: EvaluationOptions): Promise<ClassificationSummary> {
  const { pictures, classes, onBatch, signal } = options;
  const metrics = new ClassificationMetrics(classes);
  for await (const { logits, indices, wanted } of classifiedBatches(options)) {
    // A picture that stands in for a broken one was or will be counted in its own place.
    const own = indices.flatMap((index, row) => (index === wanted[row] ? [row] : []));
    metrics.add(
      rowsOf(logits, classes, own),
      labelsOf(
        pictures.source,
        own.map((row) => indices[row] ?? 0),
      ),
    );
    onBatch?.((wanted.at(-1) ?? 0) + 1, pictures.count);
    if (signal?.aborted) break;
  }
  return metrics.summary();
}

export interface ClassifiedBatch {
  /** [wanted.length, classes]. */
  readonly logits: Float32Array;
  /** [wanted.length, width]. */
  readonly features: Float32Array;
  readonly images: Float32Array;
  /** The pictures that were asked for, and those that were read: others where one is broken. */
  readonly wanted: readonly number[];
  readonly indices: readonly number[];
}

/** All pictures in their order, the next batch being read while one is classified. */
export async function* classifiedBatches({
  engine,
  pictures,
  testCrop,
  batch,
}: Pick<EvaluationOptions, 'engine' | 'pictures' | 'testCrop' | 'batch'>): AsyncGenerator<ClassifiedBatch> {
  const read = (first: number) => {
    const wanted = Array.from({ length: Math.min(batch, pictures.count - first) }, (_, i) => first + i);
    const reading = readForEvaluation(pictures, wanted, testCrop).then((result) => ({ ...result, wanted }));
    // A failure is met when its turn comes: until then it is not an unhandled one.
    reading.catch(() => undefined);
    return reading;
  };
  let next = pictures.count > 0 ? read(0) : undefined;
  for (let first = 0; next !== undefined; first += batch) {
    const current = await next;
    next = first + batch < pictures.count ? read(first + batch) : undefined;
    const { logits, features } = await engine.classify(current.images, current.wanted.length);
    yield { ...current, logits, features };
  }
}

function rowsOf(values: Float32Array, width: number, rows: readonly number[]): Float32Array {
  if (rows.length * width === values.length) return values;
  const chosen = new Float32Array(rows.length * width);
  for (const [place, row] of rows.entries()) {
    chosen.set(values.subarray(row * width, (row + 1) * width), place * width);
  }
  return chosen;
}
