import type { Pixels } from '../../resize.ts';
import { lookUp, tabulate } from './lookup.ts';
import { NO_ARGUMENT, type Operation } from './operation.ts';

/** The negative, as Pillow's `ImageOps.invert`. */
export function invert(pixels: Pixels): Pixels {
  return lookUp(
    pixels,
    tabulate((byte) => 255 - byte),
  );
}

/** Keeps the `bits` highest bits of each byte, as Pillow's `ImageOps.posterize`; of 0 bits a black picture is left. */
export function posterize(pixels: Pixels, bits: number): Pixels {
  if (bits >= 8) return pixels;
  const mask = ~(2 ** (8 - bits) - 1);
  return lookUp(
    pixels,
    tabulate((byte) => byte & mask),
  );
}

/** Inverts bytes of `threshold` and more, as Pillow's `ImageOps.solarize`. */
export function solarize(pixels: Pixels, threshold: number): Pixels {
  return lookUp(
    pixels,
    tabulate((byte) => (byte < threshold ? byte : 255 - byte)),
  );
}

/** Adds to the bytes of the darker half, up to 255. */
export function solarizeAdd(pixels: Pixels, added: number): Pixels {
  return lookUp(
    pixels,
    tabulate((byte) => (byte < 128 ? Math.min(255, byte + added) : byte)),
  );
}

// The levels are timm's of 0.3.2, the version that the official fine-tuning asks for. Those of later versions are the same.

/** The plain set keeps the more bits the greater the level is: none, a black picture, below level 2.5, and 4 at level 10. */
function posterizeBits(level: number): number {
  return Math.trunc((level / 10) * 4);
}

/** The threshold of the plain set: everything is inverted at level 0, nothing at level 10. */
function solarizeThreshold(level: number): number {
  return Math.trunc((level / 10) * 256);
}

export const TONE_OPERATIONS: readonly Operation[] = [
  { name: 'invert', levelToArgument: NO_ARGUMENT, apply: invert },
  { name: 'posterize', increasing: false, levelToArgument: posterizeBits, apply: posterize },
  {
    name: 'posterize-increasing',
    increasing: true,
    // 1 bit at the usual level 9, and none, a black picture, at level 10.
    levelToArgument: (level) => 4 - posterizeBits(level),
    apply: posterize,
  },
  { name: 'solarize', increasing: false, levelToArgument: solarizeThreshold, apply: solarize },
  {
    name: 'solarize-increasing',
    increasing: true,
    levelToArgument: (level) => 256 - solarizeThreshold(level),
    apply: solarize,
  },
  {
    name: 'solarize-add',
    levelToArgument: (level) => Math.trunc((level / 10) * 110),
    apply: solarizeAdd,
  },
];
