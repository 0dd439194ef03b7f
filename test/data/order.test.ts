import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferedOrder, mergedOrder, windowedOrder } from '../../runtime/data/order.ts';

const blocksOf = (counts: readonly number[]) => {
  let first = 0;
  return counts.map((count) => {
    const block = { first, count };
    first += count;
    return block;
  });
};

const orders = { bufferedOrder, windowedOrder };

describe.each(Object.entries(orders))('%s', (_, order) => {
  it('holds each picture once, and is a function of the seed and the epoch', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 50 }), fc.nat(99), (sizes, room, epoch) => {
        const blocks = blocksOf(sizes);
        const drawn = order(blocks, room, 7, epoch);
        const total = sizes.reduce((sum, count) => sum + count, 0);
        expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (__, i) => i));
        expect(order(blocks, room, 7, epoch)).toEqual(drawn);
      }),
      { numRuns: 60 },
    );
    const blocks = blocksOf([20, 20, 20]);
    expect(order(blocks, 25, 7, 1)).not.toEqual(order(blocks, 25, 7, 0));
    expect(order(blocks, 25, 8, 0)).not.toEqual(order(blocks, 25, 7, 0));
  });
});

it('a buffer lets nothing leave before it has entered, and mixes shards', () => {
  const blocks = blocksOf([100, 100, 100, 100]);
  const shards = new Set<number>();
  const buffer = 50;
  for (let epoch = 0; epoch < 5; epoch++) {
    const order = [...bufferedOrder(blocks, buffer, 1, epoch)];
    // The shards in the order in which they were walked through: by their first pictures in the order.
    const walked = [...new Set(order.map((index) => Math.floor(index / 100)))];
    shards.add(walked[0] ?? -1);
    order.forEach((index, place) => {
      const entered = walked.indexOf(Math.floor(index / 100)) * 100 + (index % 100);
      expect(entered).toBeLessThan(place + buffer);
    });
    expect(order.slice(0, 100)).not.toEqual([...order.slice(0, 100)].sort((a, b) => a - b));
  }
  expect(shards.size).toBeGreaterThan(1);
});

it('windows of row groups are left for good: no group is asked for after its window', () => {
  const order = windowedOrder(blocksOf([10, 10, 10, 10, 10, 10, 10]), 25, 3, 0);
  const groups = [...order].map((index) => Math.floor(index / 10));
  for (let start = 0; start < 60; start += 20) {
    expect(new Set(groups.slice(start, start + 20)).size).toBe(2);
  }
  expect(new Set(groups.slice(60)).size).toBe(1);
  // A group that is larger than the room is a window of its own.
  expect([...windowedOrder(blocksOf([5]), 0.5, 3, 0)].sort()).toEqual([0, 1, 2, 3, 4]);
});

it('merging keeps the order of each part and takes from them evenly', () => {
  const evens = Int32Array.from({ length: 300 }, (_, i) => 2 * i);
  const odds = Int32Array.from({ length: 100 }, (_, i) => 2 * i + 1);
  const merged = [...mergedOrder([evens, odds], 1, 2)];
  expect(merged.filter((index) => index % 2 === 0)).toEqual([...evens]);
  expect(merged.filter((index) => index % 2 === 1)).toEqual([...odds]);
  const oddsInFirstHalf = merged.slice(0, 200).filter((index) => index % 2 === 1).length;
  // Hypergeometric: 50 expected, deviation 4.3.
  expect(Math.abs(oddsInFirstHalf - 50)).toBeLessThan(20);
  expect(mergedOrder([evens], 1, 0)).toEqual(evens);
});
