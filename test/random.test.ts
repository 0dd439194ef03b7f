import { describe, expect, it } from 'vitest';
import { murmurHash3, Random, xoshiro128 } from '../runtime/random.ts';

const wordsOf = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
};

describe('the hash of the keys', () => {
  it('gives the digests of the mmh3 library (x86, 128 bits, seed 0)', () => {
    expect([...murmurHash3(wordsOf('0123456789abcdef'))]).toEqual([
      0xfb7d4409, 0x36aed30a, 0x48ad1d9b, 0x572b3bfd,
    ]);
    expect([...murmurHash3(wordsOf('0123456789abcdef'.repeat(3)))]).toEqual([
      0x60e361d0, 0x6710ae11, 0xd09ee17f, 0xce1263e7,
    ]);
    expect([...murmurHash3(new Uint32Array(4))]).toEqual([0x5a4075d6, 0x6b2d3d27, 0xd3926c2f, 0xeb228a07]);
  });
});

describe('the generator', () => {
  it('gives the published sequence of xoshiro128** from the state 1, 2, 3, 4', () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    const drawn = Array.from({ length: 10 }, () => xoshiro128(state));
    expect(drawn).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('gives the same stream for the same keys and another for any other', () => {
    const keys = [
      [1],
      ['1'],
      [1, 2],
      [2, 1],
      ['ab'],
      ['a', 'b'],
      ['', 1],
      [1, ''],
      [0],
      [-1],
      [0.5],
      [2 ** 40],
      [],
    ];
    const first = keys.map((list) => Random.from(...list).bits());
    expect(keys.map((list) => Random.from(...list).bits())).toEqual(first);
    expect(new Set(first).size).toBe(keys.length);
  });

  it('draws uniform numbers with the moments of the uniform distribution, also over neighbouring keys', () => {
    const count = 20_000;
    const oneStream = Random.from('moments', 1);
    const samples = [
      Array.from({ length: count }, () => oneStream.uniform()),
      Array.from({ length: count }, (_, i) => Random.from('moments', 7, 0, i).uniform()),
      [...Random.from('filled').fillUniform(new Float32Array(count))],
    ];
    for (const sample of samples) {
      const mean = sample.reduce((sum, x) => sum + x, 0) / count;
      const variance = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
      // Four standard errors of the mean (sqrt(1/12/n)) and of the variance (sqrt(1/180/n)).
      expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / count));
      expect(Math.min(...sample)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...sample)).toBeLessThan(1);
    }
  });

  it('draws normal numbers: mean 0, variance 1, fourth moment 3', () => {
    const count = 50_000;
    const random = Random.from('normal');
    const sample = Array.from({ length: count }, () => random.normal());
    const moment = (power: number) => sample.reduce((sum, x) => sum + x ** power, 0) / count;
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
  });

  it.each([
    [0.8, 0.8],
    [1, 1],
    [0.1, 0.1],
    [2, 5],
    [7, 0.5],
  ])('draws beta numbers with the moments of Beta(%f, %f)', (a, b) => {
    const count = 50_000;
    const random = Random.from('beta', a, b);
    const sample = Array.from({ length: count }, () => random.beta(a, b));
    // The mean of x^k is the product of (a + i) / (a + b + i) over i below k.
    const moment = (power: number) =>
      Array.from({ length: power }, (_, i) => (a + i) / (a + b + i)).reduce((product, x) => product * x, 1);
    for (const power of [1, 2, 3, 4]) {
      const mean = sample.reduce((sum, x) => sum + x ** power, 0) / count;
      const variance = moment(2 * power) - moment(power) ** 2;
      expect(Math.abs(mean - moment(power))).toBeLessThan(4 * Math.sqrt(variance / count));
    }
  });

  it('draws beta numbers in 0..1 for an alpha so small that both gamma variables round to 0', () => {
    const random = Random.from('tiny beta');
    const sample = Array.from({ length: 4000 }, () => random.beta(1e-4, 1e-4));
    const ends = sample.filter((x) => x < 0.001 || x > 0.999).length;
    // Beta(alpha, alpha) has about alpha / 2 * ln(999^2) of its mass between: 0.07%.
    expect(ends).toBeGreaterThan(3980);
    const ones = sample.filter((x) => x > 0.5).length;
    expect(Math.abs(ones - 2000)).toBeLessThan(4 * Math.sqrt(1000));
  });

  it('cuts the truncated normal at its bound, with the variance of that distribution', () => {
    const count = 50_000;
    const random = Random.from('truncated');
    const sample = Array.from({ length: count }, () => random.truncatedNormal(2));
    expect(Math.max(...sample.map(Math.abs))).toBeLessThanOrEqual(2);
    const variance = sample.reduce((sum, x) => sum + x * x, 0) / count;
    // 1 - 2 * 2 * pdf(2) / (cdf(2) - cdf(-2))
    expect(Math.abs(variance - 0.7737)).toBeLessThan(0.02);
  });

  it('draws every integer below the limit about equally often', () => {
    const random = Random.from('integer');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) {
      const drawn = random.integer(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 99.9% of the chi-square distribution with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.46);
  });

  it('permutes: every number once, every one of the 6 orders of 3 about equally often', () => {
    expect([...Random.from('permutation').permutation(100)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = Random.from('orders', i).permutation(3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 99.9% of the chi-square distribution with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.52);
  });
});
