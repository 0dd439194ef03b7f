import { describe, expect, it } from 'vitest';
import { balancedClassWeights, countLabels } from '../../runtime/evaluate/class-weights.ts';
import { UserError } from '../../runtime/user-error.ts';
import recorded from './classification.json' with { type: 'json' };

describe('balanced class weights', () => {
  it('are those of scikit-learn', () => {
    const labels = Int32Array.from({ length: 60 }, (_, i) => (i < 50 ? 0 : i < 57 ? 1 : 2));
    const weights = balancedClassWeights(labels, ['a', 'b', 'c']);
    expect([...weights]).toEqual(recorded.weights.map(Math.fround));
    const mean = labels.reduce((sum, label) => sum + (weights[label] ?? 0), 0) / labels.length;
    expect(mean).toBeCloseTo(1, 6);
  });

  it('name the classes without pictures', () => {
    const names = ['cat', 'dog', 'owl', 'bee', 'ant', 'fox', 'elk'];
    const attempt = () => balancedClassWeights(Int32Array.of(1, 1), names);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow('6 of 7 have none: cat, owl, bee, ant, fox, …');
    expect(() => balancedClassWeights(Int32Array.of(0, 0), ['cat', 'dog'])).toThrow('1 of 2 have none: dog');
  });

  it('refuse labels that are no class', () => {
    expect(() => countLabels(Int32Array.of(0, -1), 2)).toThrow('label -1 is none of 2 classes');
    expect([...countLabels(Int32Array.of(0, 2, 2), 3)]).toEqual([1, 0, 2]);
  });
});
