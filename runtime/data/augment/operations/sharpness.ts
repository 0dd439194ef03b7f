import type { Pixels } from '../../resize.ts';
import { blendByte } from './blend.ts';

/** Sharpness, as Pillow's `ImageEnhance.Sharpness`: blurred at factor 0, sharpened above 1. The outermost pixels stay. */
export function sharpness(pixels: Pixels, factor: number): Pixels {
  const { data, channels, height, width } = pixels;
  const exact = Math.fround(factor);
  const changed = data.slice();
  const row = width * channels;
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * row - channels;
    for (let i = y * row + channels; i < end; i++) {
      changed[i] = blendByte(smoothByte(data, i, channels, row), data[i] ?? 0, exact);
    }
  }
  return { ...pixels, data: changed };
}

/**
 * Pillow's filter `SMOOTH`: a pixel counts five times, its eight neighbours once. Pillow adds thirteenths in float32; their sum
 * plus one half is never within 1/26 of a whole number, so whole numbers round to the same byte.
 */
function smoothByte(data: Uint8Array, i: number, step: number, row: number): number {
  const above = i - row;
  const below = i + row;
  const sum =
    (data[above - step] ?? 0) +
    (data[above] ?? 0) +
    (data[above + step] ?? 0) +
    (data[i - step] ?? 0) +
    5 * (data[i] ?? 0) +
    (data[i + step] ?? 0) +
    (data[below - step] ?? 0) +
    (data[below] ?? 0) +
    (data[below + step] ?? 0);
  return Math.trunc((2 * sum + 13) / 26);
}
