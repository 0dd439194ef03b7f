import { describe, expect, it } from 'vitest';
import { FeatureBank, neighbourVotes } from '../../runtime/evaluate/nearest-neighbours.ts';
import { predictionsOf } from '../../runtime/evaluate/predictions.ts';
import { Random } from '../../runtime/random.ts';
import { UserError } from '../../runtime/user-error.ts';

/** Every cosine in float64, every row sorted. */
function bruteForce(bank: Float32Array, queries: Float32Array, width: number, neighbours: number) {
  const rows = (features: Float32Array) =>
    Array.from({ length: features.length / width }, (_, i) => {
      const row = Array.from(features.subarray(i * width, (i + 1) * width));
      const length = Math.hypot(...row);
      return row.map((value) => value / length);
    });
  const known = rows(bank);
  return rows(queries).map((query) =>
    known
      .map((row, index) => ({
        index,
        cosine: row.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0),
      }))
      .sort((a, b) => b.cosine - a.cosine || a.index - b.index)
      .slice(0, neighbours),
  );
}

const features = (key: string, rows: number, width: number) =>
  Random.from(key).fillNormal(new Float32Array(rows * width));

describe('the nearest neighbours', () => {
  // More rows than a block, an odd last row, queries that fill no tile; one query; a bank of one row.
  it.each([
    { size: 301, queries: 11, width: 400, neighbours: 20 },
    { size: 64, queries: 4, width: 3, neighbours: 7 },
    { size: 5, queries: 1, width: 16, neighbours: 5 },
    { size: 1, queries: 6, width: 2, neighbours: 1 },
  ])('are those of a search in float64: $queries among $size', ({ size, queries, width, neighbours }) => {
    const bank = features('bank', size, width);
    const asked = features('queries', queries, width);
    const found = new FeatureBank(bank, width).nearest(asked, neighbours);
    const truth = bruteForce(bank, asked, width, neighbours).flat();
    expect([...found.rows]).toEqual(truth.map(({ index }) => index));
    expect(found.cosines.length).toBe(truth.length);
    truth.forEach(({ cosine }, i) => {
      expect(found.cosines[i]).toBeCloseTo(cosine, 6);
    });
  });

  it('are the first rows of several equally near ones, wherever these lie', () => {
    const width = 600;
    const bank = new Float32Array(200 * width);
    for (let row = 0; row < 200; row++) bank[row * width + (row % 3)] = 1 + row;
    const query = new Float32Array(width);
    query[1] = 2;
    const { rows, cosines } = new FeatureBank(bank, width).nearest(query, 5);
    expect([...rows]).toEqual([1, 4, 7, 10, 13]);
    expect([...cosines]).toEqual([1, 1, 1, 1, 1]);
  });

  it('are all rows where there are fewer than asked for', () => {
    const bank = new FeatureBank(Float32Array.of(1, 0, 0, 2, -3, 0), 2);
    const { rows, cosines, neighbours } = bank.nearest(Float32Array.of(5, 0, 0, 0));
    expect(neighbours).toBe(3);
    expect([...rows]).toEqual([0, 1, 2, 0, 1, 2]);
    // A row of zeros has no direction: it is at right angles to all others.
    expect([...cosines]).toEqual([1, 0, -1, 0, 0, 0]);
  });

  it('leave the features as they were', () => {
    const bank = Float32Array.of(3, 4);
    const query = Float32Array.of(0, 2);
    expect(new FeatureBank(bank, 2).nearest(query).cosines[0]).toBeCloseTo(0.8, 7);
    expect([...bank, ...query]).toEqual([3, 4, 0, 2]);
  });

  it('are refused for features that are no numbers, or no whole rows', () => {
    expect(() => new FeatureBank(Float32Array.of(1, 2, Number.NaN, 2), 2)).toThrow(UserError);
    expect(() => new FeatureBank(Float32Array.of(1, 2, Number.NaN, 2), 2)).toThrow(
      'the features of 1 of 2 pictures are not finite numbers',
    );
    expect(() => new FeatureBank(new Float32Array(3), 2)).toThrow('3 numbers are no rows of 2');
    const bank = new FeatureBank(Float32Array.of(1, 2), 2);
    expect(() => bank.nearest(Float32Array.of(Number.POSITIVE_INFINITY, 1))).toThrow(UserError);
    expect(() => bank.nearest(new Float32Array(2), 0)).toThrow('0 neighbours');
  });
});

describe('the votes of neighbours', () => {
  it('weigh exp(cosine / temperature)', () => {
    const list = { neighbours: 3, rows: Int32Array.of(2, 0, 1), cosines: Float64Array.of(0.9, 0.8, 0.6) };
    const labels = Int32Array.of(1, 1, 0);
    const weigh = (cosine: number) => Math.exp(cosine / 0.07);
    const [first, second, third] = neighbourVotes(list, labels, { classes: 3 });
    expect(first).toBeCloseTo(Math.log(weigh(0.9)), 5);
    expect(second).toBeCloseTo(Math.log(weigh(0.8) + weigh(0.6)), 5);
    expect(third).toBe(Number.NEGATIVE_INFINITY);
    // At a high temperature the majority wins, at a low one the nearest; not even the lowest overflows.
    const winner = (temperature: number) =>
      predictionsOf(neighbourVotes(list, labels, { classes: 3, temperature }), 3);
    expect(winner(1).classes[0]).toBe(1);
    expect(winner(0.07).classes[0]).toBe(0);
    expect(winner(1e-6).probabilities[0]).toBe(1);
  });

  it('have softmaxes that are the shares of a count in float64', () => {
    const [size, queries, width, classes] = [120, 9, 24, 6];
    const bank = features('bank', size, width);
    const asked = features('queries', queries, width);
    const labels = Int32Array.from({ length: size }, (_, i) => (i * 7) % classes);
    const logits = neighbourVotes(new FeatureBank(bank, width).nearest(asked), labels, { classes });
    const { classes: predicted, probabilities } = predictionsOf(logits, classes);
    bruteForce(bank, asked, width, 20).forEach((found, query) => {
      const votes = new Float64Array(classes);
      for (const { index, cosine } of found) {
        const label = labels[index] ?? 0;
        votes[label] = (votes[label] ?? 0) + Math.exp(cosine / 0.07);
      }
      const most = Math.max(...votes);
      expect(predicted[query]).toBe(votes.indexOf(most));
      expect(probabilities[query]).toBeCloseTo(most / votes.reduce((sum, vote) => sum + vote, 0), 4);
    });
  });

  it('are refused of rows that have no class', () => {
    const list = { neighbours: 1, rows: Int32Array.of(1), cosines: Float64Array.of(1) };
    expect(() => neighbourVotes(list, Int32Array.of(0), { classes: 2 })).toThrow(
      'row 1 has none of 2 classes',
    );
    expect(() => neighbourVotes(list, Int32Array.of(0, 5), { classes: 2 })).toThrow(RangeError);
  });
});
