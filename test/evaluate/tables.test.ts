import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from '../../runtime/evaluate/metrics.ts';
import {
  classTable,
  confusionMatrixTable,
  confusionsTable,
  LARGEST_MATRIX,
  summaryLines,
  worstConfusions,
} from '../../runtime/evaluate/tables.ts';
import { summaryOf } from './summary-of.ts';

const NAMES = ['cat', 'dog', 'a long name', '猫'];

/** Of 10 cats 7 are right and 3 taken for dogs, of 4 dogs 3 are taken for the third class; the last class is empty. */
const summary = summaryOf([
  [7, 3, 0, 0],
  [0, 1, 3, 0],
  [1, 0, 5, 0],
  [0, 0, 0, 0],
]);

describe('the tables of results', () => {
  it('say how each class is recognised, with a dash for shares of nothing', () => {
    expect(classTable(summary, NAMES).split('\n')).toEqual([
      'class        pictures  precision  recall      F1',
      'cat                10     87.5 %  70.0 %  77.8 %',
      'dog                 4     25.0 %  25.0 %  25.0 %',
      'a long name         6     62.5 %  83.3 %  71.4 %',
      // Two columns wide.
      '猫                  0          –       –       –',
    ]);
  });

  it('list the worst confusions: of equally many the larger share first', () => {
    expect(worstConfusions(summary)).toEqual([
      { truth: 1, predicted: 2, count: 3, share: 0.75 },
      { truth: 0, predicted: 1, count: 3, share: 0.3 },
      { truth: 2, predicted: 0, count: 1, share: 1 / 6 },
    ]);
    expect(confusionsTable(summary, NAMES, 2).split('\n')).toEqual([
      'class  taken for    pictures  share',
      'dog    a long name         3  75.0 % of 4',
      'cat    dog                 3  30.0 % of 10',
    ]);
    expect(confusionsTable(summaryOf([[2]]), ['cat'])).toBe('no class was taken for another');
  });

  it('show the confusion matrix of few classes', () => {
    expect(confusionMatrixTable(summary, NAMES)?.split('\n')).toEqual([
      'true \\ predicted  cat  dog  a long…  猫',
      'cat                 7    3        ·   ·',
      'dog                 ·    1        3   ·',
      'a long name         1    ·        5   ·',
      '猫                  ·    ·        ·   0',
    ]);
    const many = new ClassificationMetrics(LARGEST_MATRIX + 1).summary();
    expect(confusionMatrixTable(many, new Array(LARGEST_MATRIX + 1).fill('x'))).toBeUndefined();
  });

  it('sum up', () => {
    expect(summaryLines(summary)).toEqual([
      'pictures  20 of 4 classes',
      'top-1     65.00 %',
      // (0.7 + 0.25 + 5 / 6) / 3, and (7/9 + 1/4 + 5/7) / 3.
      'balanced  59.44 % (mean over the classes)',
      'macro F1  58.07 %',
      // Each picture has logit 1 for one class and 0 for three: log(e + 3) - 13 / 20.
      `loss      ${(Math.log(Math.E + 3) - 13 / 20).toFixed(4)}`,
    ]);
    const six = new ClassificationMetrics(6);
    six.add(Float32Array.of(5, 4, 3, 2, 1, 0, Number.NaN, 0, 0, 0, 0, 0), Int32Array.of(5, 0));
    expect(summaryLines(six.summary()).slice(0, 4)).toEqual([
      'pictures  2 of 6 classes',
      'broken    1 with outputs that are no numbers, counted as wrong',
      'top-1     0.00 %',
      'top-5     0.00 %',
    ]);
  });
});
