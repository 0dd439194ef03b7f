import { ClassificationMetrics, type ClassificationSummary } from '../../runtime/evaluate/metrics.ts';

/** The summary of a classifier with this confusion matrix, which gives the class that it predicts logit 1 and the others 0. */
export function summaryOf(matrix: readonly (readonly number[])[]): ClassificationSummary {
  const metrics = new ClassificationMetrics(matrix.length);
  matrix.forEach((row, truth) => {
    row.forEach((count, predicted) => {
      const logits = Float32Array.from({ length: count * matrix.length }, (_, i) =>
        i % matrix.length === predicted ? 1 : 0,
      );
      metrics.add(logits, new Int32Array(count).fill(truth));
    });
  });
  return metrics.summary();
}
