import type { Random } from '../../random.ts';
import type { Pixels } from '../resize.ts';
import { brightness, color, contrast } from './operations/enhance.ts';

type Change = (pixels: Pixels, factor: number) => Pixels;

const CHANGES: readonly Change[] = [brightness, contrast, color];

/**
 * Changes brightness, contrast and saturation in a random order, each by its own factor drawn evenly from 1 - strength to
 * 1 + strength: torchvision's `ColorJitter(strength, strength, strength)`. The given pixels stay as they are. A picture of one
 * channel has no saturation to change.
 */
export function jitterColors(pixels: Pixels, strength: number, random: Random): Pixels {
  if (strength === 0) return pixels;
  const order = random.permutation(CHANGES.length);
  let changed = pixels;
  for (const index of order) {
    const factor = random.uniform(Math.max(0, 1 - strength), 1 + strength);
    changed = CHANGES[index]?.(changed, factor) ?? changed;
  }
  return changed;
}
