import { describe, expect, it } from 'vitest';
import { OPERATION_SETS } from '../../../runtime/data/augment/operations/registry.ts';
import { drawOperations, randAugment } from '../../../runtime/data/augment/rand-augment.ts';
import { Random } from '../../../runtime/random.ts';
import { picture, standardErrors } from './pictures.ts';

/** The official fine-tuning's `rand-m9-mstd0.5-inc1`. */
const official = { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 };
const fill = [124, 116, 104];

describe('RandAugment', () => {
  const count = 30_000;
  const drawn = Array.from({ length: count }, (_, i) => drawOperations(official, Random.from('drawn', i)));

  it('applies none, one or two operations to a quarter, half and a quarter of the pictures', () => {
    for (const [length, share] of [0.25, 0.5, 0.25].entries()) {
      const hits = drawn.map((list) => Number(list.length === length));
      expect(standardErrors(hits, share, share * (1 - share))).toBeLessThan(4);
    }
  });

  it('chooses each operation equally often, also the same twice', () => {
    const names = drawn.flatMap((list) => list.map(({ operation }) => operation.name));
    const expected = names.length / 15;
    const chiSquare = OPERATION_SETS.increasing
      .map(({ name }) => names.filter((other) => other === name).length)
      .reduce((sum, hits) => sum + (hits - expected) ** 2 / expected, 0);
    // 14 degrees of freedom: the 99.99% quantile.
    expect(chiSquare).toBeLessThan(42.58);
    const pairs = drawn.filter((list) => list.length === 2);
    const twice = pairs.map(([first, second]) => Number(first?.operation === second?.operation));
    expect(standardErrors(twice, 1 / 15, (1 / 15) * (14 / 15))).toBeLessThan(4);
  });

  it('draws levels of mean 9 and deviation 0.5, cut at 10, to either side equally often', () => {
    const degrees = drawn.flatMap((list) =>
      list.filter(({ operation }) => operation.name === 'rotate').map(({ argument }) => argument),
    );
    const levels = degrees.map((argument) => Math.abs(argument) / 3);
    // min(10, Normal(9, 0.5)), from its density phi and distribution Phi at (10 - 9) / 0.5 = 2.
    const phi = Math.exp(-2) / Math.sqrt(2 * Math.PI);
    const Phi = 0.977249868051821;
    const mean = 9 * Phi - 0.5 * phi + 10 * (1 - Phi);
    const square = (81 + 0.25) * Phi - 0.5 * (9 + 10) * phi + 100 * (1 - Phi);
    expect(standardErrors(levels, mean, square - mean ** 2)).toBeLessThan(4);
    const deviations = levels.map((level) => (level - mean) ** 2);
    expect(standardErrors(deviations, square - mean ** 2, 3 * 0.25 ** 2)).toBeLessThan(4);
    expect(Math.max(...levels)).toBe(10);
    expect(
      standardErrors(
        degrees.map((argument) => Number(argument > 0)),
        0.5,
        0.25,
      ),
    ).toBeLessThan(4);
  });

  it('draws fixed levels without a deviation, from the plain set when nothing is to increase', () => {
    const settings = { ...official, deviation: 0, increasing: false, probability: 1, operations: 3 };
    const lists = Array.from({ length: 200 }, (_, i) => drawOperations(settings, Random.from('plain', i)));
    expect(lists.every((list) => list.length === 3)).toBe(true);
    const all = lists.flat();
    expect(new Set(all.map(({ operation }) => operation.name))).toEqual(
      new Set(OPERATION_SETS.plain.map(({ name }) => name)),
    );
    for (const { operation, argument } of all) {
      expect([operation.levelToArgument(9, 1), operation.levelToArgument(9, -1)]).toContain(argument);
    }
  });

  it('applies what it draws in order, and the same for the same stream', () => {
    const pixels = picture(18, 24, 3);
    const settings = { ...official, probability: 1 };
    for (let i = 0; i < 20; i++) {
      const [first, second] = drawOperations(settings, Random.from('order', i));
      if (first === undefined || second === undefined) throw new Error('two operations were asked for');
      const between = first.operation.apply(pixels, first.argument, fill);
      const expected = second.operation.apply(between, second.argument, fill);
      expect(randAugment(pixels, settings, fill, Random.from('order', i))).toEqual(expected);
    }
  });

  it('leaves every picture alone at magnitude 0', () => {
    expect(drawOperations({ ...official, magnitude: 0, probability: 1 }, Random.from('off'))).toEqual([]);
  });
});
