import { describe, expect, it } from 'vitest';
import { softTargets } from '../../../runtime/data/augment/soft-targets.ts';
import { recorded } from './recorded-timm.ts';

const { labels, weights, logits, loss, smoothed } = recorded.targets;

describe('soft targets', () => {
  it("are timm's smoothed ones, to the bit", () => {
    expect([...softTargets(labels, 4, { smoothing: 0.1 })]).toEqual(smoothed);
  });

  it('are one-hot without smoothing', () => {
    expect([...softTargets([2, 0], 3)]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it("give PyTorch's weighted, smoothed cross-entropy", () => {
    const targets = softTargets(labels, 4, { smoothing: 0.1, weights });
    const losses = labels.map((_, row) => {
      const scores = logits.slice(row * 4, row * 4 + 4);
      const logSum = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
      return scores.reduce((sum, score, i) => sum - (targets[row * 4 + i] ?? 0) * (score - logSum), 0);
    });
    for (const [row, expected] of loss.entries()) expect(losses[row]).toBeCloseTo(expected, 6);
  });

  it('refuses a label that is no class', () => {
    expect(() => softTargets([0, 3], 3)).toThrow(
      new RangeError('label 3 of example 1 is not one of the classes 0..2'),
    );
    expect(() => softTargets([-1], 3)).toThrow(RangeError);
    expect(() => softTargets([0.5], 3)).toThrow(RangeError);
  });
});
