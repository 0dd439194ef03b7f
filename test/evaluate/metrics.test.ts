import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from '../../runtime/evaluate/metrics.ts';
import { predictionsOf, probabilitiesOf } from '../../runtime/evaluate/predictions.ts';
import recorded from './classification.json' with { type: 'json' };

/** Logits and what torch (in float64) and scikit-learn say of them: recorded by record/classification.py. */
const cases = Object.entries(recorded.cases);

/** Counts rows of logits with their labels, `size` at a time. */
function counted(
  classes: number,
  logits: readonly number[],
  labels: readonly number[],
  size = labels.length,
) {
  const metrics = new ClassificationMetrics(classes);
  for (let begin = 0; begin < labels.length; begin += size) {
    const end = Math.min(begin + size, labels.length);
    metrics.add(
      Float32Array.from(logits.slice(begin * classes, end * classes)),
      Int32Array.from(labels.slice(begin, end)),
    );
  }
  return metrics.summary();
}

describe('the metrics of classification', () => {
  it.each(cases)('agree with torch and scikit-learn: %s', (_, truth) => {
    const summary = counted(truth.classes, truth.logits, truth.labels, 7);
    expect(summary.pictures).toBe(truth.labels.length);
    expect(summary.broken).toBe(0);
    expect(summary.loss).toBeCloseTo(truth.loss, 10);
    expect(summary.top1).toBeCloseTo(truth.top1, 14);
    expect(summary.top5).toBeCloseTo(truth.top5, 14);
    expect([...summary.confusion]).toEqual(truth.confusion);
    expect([...summary.support]).toEqual(truth.support);
    for (const name of ['precision', 'recall', 'f1'] as const) {
      expect(summary[name].length).toBe(truth.classes);
      summary[name].forEach((value, i) => {
        expect(value).toBeCloseTo(truth[name][i] ?? Number.NaN, 14);
      });
    }
    expect(summary.balancedAccuracy).toBeCloseTo(truth.balancedAccuracy, 14);
    expect(summary.macroF1).toBeCloseTo(truth.macroF1, 14);
  });

  it('counts the true class among the first five of three classes, whatever its rank', () => {
    expect(counted(3, [1, 2, 3, 3, 2, 1], [0, 2])).toMatchObject({ top1: 0, top5: 1 });
  });

  it('ranks equal logits by class, and a class with -∞ last', () => {
    const equal = counted(7, new Array(14).fill(0), [4, 5]);
    expect(equal).toMatchObject({ top1: 0, top5: 0.5 });
    expect(equal.loss).toBeCloseTo(Math.log(7), 6);
    const none = Number.NEGATIVE_INFINITY;
    const impossible = counted(7, [none, 1, none, none, none, none, none], [0]);
    expect(impossible).toMatchObject({ top1: 0, top5: 0, loss: Number.POSITIVE_INFINITY, broken: 0 });
  });

  it('counts what is no number as wrong, reports it, and keeps the loss of the others', () => {
    const rows = [
      [0, 0, 0],
      [5, Number.NaN, 0],
      [Number.POSITIVE_INFINITY, 0, 0],
      [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ];
    const summary = counted(3, rows.flat(), [0, 0, 0, 0]);
    expect(summary).toMatchObject({ pictures: 4, broken: 3, top1: 0.25, top5: 0.25 });
    expect(summary.loss).toBeCloseTo(Math.log(3), 12);
    expect([...summary.confusion]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...summary.support]).toEqual([4, 0, 0]);
    expect([...summary.recall]).toEqual([0.25, 0, 0]);
    expect([...summary.precision]).toEqual([1, 0, 0]);
  });

  it('does not go on counting in a summary that was given out', () => {
    const metrics = new ClassificationMetrics(2);
    metrics.add(Float32Array.of(1, 0), Int32Array.of(0));
    const first = metrics.summary();
    metrics.add(Float32Array.of(1, 0), Int32Array.of(0));
    expect([...first.confusion]).toEqual([1, 0, 0, 0]);
    expect([...metrics.summary().confusion]).toEqual([2, 0, 0, 0]);
    expect(first.pictures).toBe(1);
  });

  it('has no shares of no pictures', () => {
    const summary = new ClassificationMetrics(2).summary();
    expect([summary.top1, summary.top5, summary.loss, summary.balancedAccuracy]).toEqual(
      new Array(4).fill(Number.NaN),
    );
  });

  it('refuses labels that are no class, before it counts any of the batch', () => {
    const metrics = new ClassificationMetrics(2);
    expect(() => metrics.add(new Float32Array(4), Int32Array.of(0, 2))).toThrow(
      'label 2 is none of 2 classes',
    );
    expect(() => metrics.add(new Float32Array(3), Int32Array.of(0))).toThrow(
      '3 logits for 1 labels of 2 classes',
    );
    expect(metrics.summary().pictures).toBe(0);
  });
});

describe('predictions', () => {
  it.each(cases)('are the highest softmax: %s', (_, { classes, logits, labels, probabilities, top1 }) => {
    const { classes: predicted, probabilities: found } = predictionsOf(Float32Array.from(logits), classes);
    found.forEach((probability, i) => {
      expect(probability).toBeCloseTo(probabilities[i] ?? Number.NaN, 6);
    });
    const right = labels.filter((label, i) => predicted[i] === label).length;
    expect(right / labels.length).toBeCloseTo(top1, 14);
    expect([...probabilitiesOf(Float32Array.from(logits), classes, predicted)]).toEqual([...found]);
  });

  it('are none where the logits are no numbers', () => {
    const { classes, probabilities } = predictionsOf(Float32Array.of(0, Math.log(3), 1, Number.NaN), 2);
    expect([...classes]).toEqual([1, -1]);
    expect(probabilities[0]).toBeCloseTo(0.75, 6);
    expect(probabilities[1]).toBeNaN();
    const ofSecond = probabilitiesOf(Float32Array.of(0, Math.log(3), 1, Number.NaN), 2, Int32Array.of(0, 0));
    expect(ofSecond[0]).toBeCloseTo(0.25, 6);
    expect(ofSecond[1]).toBeNaN();
  });
});
