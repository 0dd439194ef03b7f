import { describe, expect, test } from 'vitest';
import { halfToNumber, LARGEST_HALF, toHalves } from '../../runtime/weights/half.ts';

const half = (value: number) => toHalves(Float32Array.of(value))[0] ?? Number.NaN;

describe('float16', () => {
  test('every one comes back from float32 as it was', () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
    const isNumber = (bits: number) => !Number.isNaN(halfToNumber(bits));
    const finite = all.filter(isNumber);
    expect(finite.length).toBe(0x10000 - 2 * 1023);
    expect(toHalves(Float32Array.from(finite, halfToNumber))).toEqual(finite);
    expect(Number.isNaN(halfToNumber(half(Number.NaN)))).toBe(true);
  });

  // Between neighbours n and n + 1 the middle goes to the even one, and what is beside it to the nearer one.
  test('rounds to the nearest, and the middle to even', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (halfToNumber(bits) + halfToNumber(bits + 1)) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      // The next float32 is 2^-23 of its size away, at most.
      const above = middle * (1 + 2 ** -22);
      const below = middle * (1 - 2 ** -22);
      const rounded = [half(middle), half(-middle), half(above), half(below)];
      if (rounded.join() !== [even, even | 0x8000, bits + 1, bits].join()) {
        expect({ bits, rounded }).toEqual({ bits, rounded: [even, even | 0x8000, bits + 1, bits] });
      }
    }
    expect([1, -2, 65504, 1 / 3].map(half)).toEqual([0x3c00, 0xc000, 0x7bff, 0x3555]);
  });

  test('ends at 65504', () => {
    expect(halfToNumber(0x7bff)).toBe(LARGEST_HALF);
    expect([65519, 65520, -1e38, Number.POSITIVE_INFINITY].map(half)).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
  });
});
