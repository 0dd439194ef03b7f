import type { Pixels } from '../../resize.ts';
import { lookUpByHistogram, tabulate } from './lookup.ts';
import { NO_ARGUMENT, type Operation } from './operation.ts';

/** Stretches each channel so that its darkest byte becomes 0 and its lightest 255, as Pillow's `ImageOps.autocontrast`. */
export function autoContrast(pixels: Pixels): Pixels {
  return lookUpByHistogram(pixels, (histogram) => {
    const darkest = histogram.findIndex((count) => count > 0);
    const lightest = histogram.findLastIndex((count) => count > 0);
    if (lightest <= darkest) return tabulate((byte) => byte);
    const scale = 255 / (lightest - darkest);
    const offset = -darkest * scale;
    return tabulate((byte) => Math.max(0, Math.min(255, Math.trunc(byte * scale + offset))));
  });
}

/** Makes each channel's bytes about equally frequent, as Pillow's `ImageOps.equalize`. */
export function equalize(pixels: Pixels): Pixels {
  return lookUpByHistogram(pixels, (histogram) => {
    const total = histogram.reduce((sum, count) => sum + count, 0);
    const ofLightest = histogram.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((total - ofLightest) / 255);
    // A channel of one value, or of so few pixels that no step is left, stays as it is.
    if (step === 0) return tabulate((byte) => byte);
    let below = Math.floor(step / 2);
    return tabulate((byte) => {
      const value = Math.floor(below / step);
      below += histogram[byte] ?? 0;
      // Rounding the step down can carry the lightest bytes of a small picture past the end.
      return Math.min(255, value);
    });
  });
}

export const HISTOGRAM_OPERATIONS: readonly Operation[] = [
  { name: 'auto-contrast', levelToArgument: NO_ARGUMENT, apply: autoContrast },
  { name: 'equalize', levelToArgument: NO_ARGUMENT, apply: equalize },
];
