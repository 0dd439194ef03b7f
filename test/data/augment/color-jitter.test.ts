import { describe, expect, it } from 'vitest';
import { jitterColors } from '../../../runtime/data/augment/color-jitter.ts';
import type { Pixels } from '../../../runtime/data/resize.ts';
import { Random } from '../../../runtime/random.ts';

const grey = (byte: number): Pixels => ({
  height: 4,
  width: 4,
  channels: 3,
  data: new Uint8Array(48).fill(byte),
});

describe('colour jitter', () => {
  it('of no strength gives the picture back', () => {
    const pixels = grey(100);
    expect(jitterColors(pixels, 0, Random.from('none'))).toBe(pixels);
  });

  it('leaves the given pixels as they are', () => {
    const pixels = grey(100);
    jitterColors(pixels, 0.4, Random.from('kept'));
    expect(pixels).toEqual(grey(100));
  });

  // Contrast and saturation do nothing to an even grey: what is left is the factor of the brightness.
  it('draws its factors evenly from 1 - strength to 1 + strength', () => {
    const factors = Array.from({ length: 2000 }, (_, i) => {
      const [byte = 0] = jitterColors(grey(100), 0.4, Random.from('factors', i)).data;
      return byte / 100;
    });
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
    const variance = factors.reduce((sum, factor) => sum + (factor - mean) ** 2, 0) / factors.length;
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.6 - 0.005);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.4 + 0.005);
    expect(mean).toBeCloseTo(1, 1);
    expect(variance).toBeCloseTo(0.8 ** 2 / 12, 2);
  });

  it('takes saturation, contrast and brightness in any order', () => {
    const picture: Pixels = {
      height: 1,
      width: 4,
      channels: 3,
      data: Uint8Array.from([250, 10, 30, 0, 200, 60, 90, 90, 10, 255, 255, 0]),
    };
    const results = new Set(
      Array.from({ length: 30 }, (_, i) => jitterColors(picture, 0.8, Random.from('order', i)).data.join()),
    );
    expect(results.size).toBe(30);
  });

  it('works on grey pictures', () => {
    const pixels: Pixels = { height: 1, width: 2, channels: 1, data: Uint8Array.from([10, 200]) };
    expect(jitterColors(pixels, 0.4, Random.from('grey')).data).toHaveLength(2);
  });
});
