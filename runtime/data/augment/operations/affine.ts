import type { Pixels } from '../../resize.ts';
import type { Fill } from './operation.ts';

/** (a, b, c, d, e, f): the output's point (x, y) shows the input's point (ax + by + c, dx + ey + f). */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/**
 * Pillow's `Image.transform` with `AFFINE` and `BICUBIC`, the output as large as the input: each pixel's centre is looked up
 * among 4 x 4 neighbours (those outside are the nearest inside), and is `fill` where it lies outside the input.
 */
export function transformAffine(pixels: Pixels, matrix: AffineMatrix, fill: Fill): Pixels {
  const { channels, height, width } = pixels;
  const [a, b, c, d, e, f] = matrix;
  const changed = new Uint8Array(height * width * channels);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += channels) {
      const fromX = a * (x + 0.5) + b * (y + 0.5) + c;
      const fromY = d * (x + 0.5) + e * (y + 0.5) + f;
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) {
        for (let channel = 0; channel < channels; channel++) changed[to + channel] = fill[channel] ?? 0;
      } else {
        samplePixel(pixels, fromX - 0.5, fromY - 0.5, changed, to);
      }
    }
  }
  return { ...pixels, data: changed };
}

/** Writes the pixel between its neighbours: whole numbers of `x` and `y` are the centres of the input's pixels. */
function samplePixel(pixels: Pixels, x: number, y: number, changed: Uint8Array, to: number): void {
  const { data, channels, height, width } = pixels;
  const column = Math.floor(x);
  const line = Math.floor(y);
  const dx = x - column;
  const dy = y - line;
  const row = width * channels;
  const x0 = within(column - 1, width) * channels;
  const x1 = within(column, width) * channels;
  const x2 = within(column + 1, width) * channels;
  const x3 = within(column + 2, width) * channels;
  const y1 = within(line, height) * row;
  if (dy === 0) {
    // As for every pixel of a horizontal shear or shift: the other rows have no weight.
    for (let i = 0; i < channels; i++) changed[to + i] = toByte(cubicOf(data, y1 + i, x0, x1, x2, x3, dx));
    return;
  }
  const y0 = within(line - 1, height) * row;
  const y2 = within(line + 1, height) * row;
  const y3 = within(line + 2, height) * row;
  for (let i = 0; i < channels; i++) {
    const v0 = cubicOf(data, y0 + i, x0, x1, x2, x3, dx);
    const v1 = cubicOf(data, y1 + i, x0, x1, x2, x3, dx);
    const v2 = cubicOf(data, y2 + i, x0, x1, x2, x3, dx);
    const v3 = cubicOf(data, y3 + i, x0, x1, x2, x3, dx);
    changed[to + i] = toByte(cubic(v0, v1, v2, v3, dy));
  }
}

function within(index: number, size: number): number {
  return index < 0 ? 0 : index < size ? index : size - 1;
}

function cubicOf(
  data: Uint8Array,
  row: number,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
  t: number,
): number {
  return cubic(data[row + x0] ?? 0, data[row + x1] ?? 0, data[row + x2] ?? 0, data[row + x3] ?? 0, t);
}

/**
 * Cubic convolution between v1 (t = 0) and v2 (t = 1), with a = -1: steeper than the resize's -0.5. The sums are in Pillow's order,
 * which the last bit depends on.
 */
function cubic(v0: number, v1: number, v2: number, v3: number, t: number): number {
  const linear = -v0 + v2;
  const square = 2 * (v0 - v1) + v2 - v3;
  const cube = -v0 + v1 - v2 + v3;
  return v1 + t * (linear + t * (square + t * cube));
}

function toByte(value: number): number {
  if (value <= 0) return 0;
  return value >= 255 ? 255 : Math.trunc(value);
}
