import { expect, test } from 'vitest';
import { averageDecay } from '../../runtime/train/ema.ts';

test('the decay of an average rises to the one that is wanted', () => {
  expect([0, 1, 8, 90].map((updates) => averageDecay(0.9999, updates))).toEqual([0.1, 2 / 11, 0.5, 0.91]);
  // (1 + t) / (10 + t) is 0.9 at t = 80.
  expect([79, 80, 81, 1e6].map((updates) => averageDecay(0.9, updates))).toEqual([80 / 89, 0.9, 0.9, 0.9]);
  expect(averageDecay(0, 5)).toBe(0);
});
