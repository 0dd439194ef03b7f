import { expect, it } from 'vitest';
import { FLOAT16_MAX, float16Bits } from '../../compiler/emit/onnx/float16.ts';

/** What IEEE 754-2008 says that the bits of a binary16 mean. */
function meaning(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

it('every float16 has the bits that mean it', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = meaning(bits);
    if (!Number.isNaN(value)) expect(float16Bits(value), String(value)).toBe(bits);
  }
  expect(meaning(float16Bits(Number.NaN))).toBeNaN();
});

it('a number between two becomes the nearer, and the even one half way', () => {
  for (let bits = 0; bits < 0x7bff; bits += 7) {
    const [low, high] = [meaning(bits), meaning(bits + 1)];
    const step = high - low;
    expect(float16Bits(low + 0.49 * step)).toBe(bits);
    expect(float16Bits(low + 0.51 * step)).toBe(bits + 1);
    expect(float16Bits(low + step / 2)).toBe(bits % 2 === 0 ? bits : bits + 1);
    expect(float16Bits(-(low + 0.51 * step))).toBe(0x8000 | (bits + 1));
  }
});

it('what is too large is infinite, and what is too small zero', () => {
  expect(meaning(float16Bits(65519.9))).toBe(FLOAT16_MAX);
  expect(meaning(float16Bits(65520))).toBe(Number.POSITIVE_INFINITY);
  expect(meaning(float16Bits(-1e300))).toBe(Number.NEGATIVE_INFINITY);
  expect(meaning(float16Bits(2 ** -25))).toBe(0);
  expect(meaning(float16Bits(1.001 * 2 ** -25))).toBe(2 ** -24);
  expect(meaning(float16Bits(1e-320))).toBe(0);
});
