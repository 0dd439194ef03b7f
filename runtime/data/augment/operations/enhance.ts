import type { Pixels } from '../../resize.ts';
import { blendByte, lumaOf } from './blend.ts';
import { lookUp, tabulate } from './lookup.ts';
import type { Operation } from './operation.ts';
import { sharpness } from './sharpness.ts';

/** Saturation, as Pillow's `ImageEnhance.Color`: grey at factor 0. A picture of one channel stays as it is. */
export function color(pixels: Pixels, factor: number): Pixels {
  const { data, channels } = pixels;
  if (channels !== 3) return pixels;
  const exact = Math.fround(factor);
  const changed = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i] ?? 0;
    const green = data[i + 1] ?? 0;
    const blue = data[i + 2] ?? 0;
    const luma = lumaOf(red, green, blue);
    changed[i] = blendByte(luma, red, exact);
    changed[i + 1] = blendByte(luma, green, exact);
    changed[i + 2] = blendByte(luma, blue, exact);
  }
  return { ...pixels, data: changed };
}

/** Contrast, as Pillow's `ImageEnhance.Contrast`: at factor 0 everything is the mean luma. */
export function contrast(pixels: Pixels, factor: number): Pixels {
  const mean = meanLuma(pixels);
  const exact = Math.fround(factor);
  return lookUp(
    pixels,
    tabulate((byte) => blendByte(mean, byte, exact)),
  );
}

/** Brightness, as Pillow's `ImageEnhance.Brightness`: black at factor 0. */
export function brightness(pixels: Pixels, factor: number): Pixels {
  const exact = Math.fround(factor);
  return lookUp(
    pixels,
    tabulate((byte) => blendByte(0, byte, exact)),
  );
}

function meanLuma({ data, channels, height, width }: Pixels): number {
  let sum = 0;
  if (channels === 3) {
    for (let i = 0; i < data.length; i += 3) sum += lumaOf(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
  } else {
    for (const byte of data) sum += byte;
  }
  return Math.trunc(sum / (height * width) + 0.5);
}

/** The plain set's factor: 0.1 at level 0, hardly a change in the middle, 1.9 at level 10. */
function plainFactor(level: number): number {
  return (level / 10) * 1.8 + 0.1;
}

/** The increasing set's factor: 1, no change, at level 0; 0.1 or 1.9 at level 10. */
function increasingFactor(level: number, sign: 1 | -1): number {
  return 1 + sign * ((level / 10) * 0.9);
}

export const ENHANCE_OPERATIONS: readonly Operation[] = Object.entries({
  color,
  contrast,
  brightness,
  sharpness,
}).flatMap(([name, apply]) => [
  { name, increasing: false, levelToArgument: plainFactor, apply },
  { name: `${name}-increasing`, increasing: true, levelToArgument: increasingFactor, apply },
]);
