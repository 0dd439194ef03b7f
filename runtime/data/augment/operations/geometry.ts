import type { Pixels } from '../../resize.ts';
import { type AffineMatrix, transformAffine } from './affine.ts';
import type { Fill, Operation } from './operation.ts';

// All are bicubic: timm picks bilinear or bicubic for each picture only where no interpolation is named, and the official
// fine-tuning names bicubic.

/** Turns the picture counter-clockwise about its centre, as Pillow's `Image.rotate`. */
export function rotate(pixels: Pixels, degrees: number, fill: Fill): Pixels {
  const turn = degrees % 360;
  if (turn === 0) return pixels;
  const angle = -(turn < 0 ? turn + 360 : turn) * (Math.PI / 180);
  const cosine = roundTo15(Math.cos(angle));
  const sine = roundTo15(Math.sin(angle));
  const centreX = pixels.width / 2;
  const centreY = pixels.height / 2;
  const c = cosine * -centreX + sine * -centreY + centreX;
  const f = -sine * -centreX + cosine * -centreY + centreY;
  return transformAffine(pixels, [cosine, sine, c, -sine, cosine, f], fill);
}

/** Pillow rounds to 15 decimals, so that a right angle's cosine is 0. */
function roundTo15(value: number): number {
  return Number(value.toFixed(15));
}

/** An operation with one matrix for a picture of a size. */
function moveBy(matrixOf: (argument: number, pixels: Pixels) => AffineMatrix): Operation['apply'] {
  return (pixels, argument, fill) => transformAffine(pixels, matrixOf(argument, pixels), fill);
}

/** Shifts each row by its distance from the top edge times the factor. */
export const shearX = moveBy((factor) => [1, factor, 0, 0, 1, 0]);

/** Shifts each column by its distance from the left edge times the factor. */
export const shearY = moveBy((factor) => [1, 0, 0, factor, 1, 0]);

/** Shifts by a share of the width; a positive share shows what lies further right. */
export const translateX = moveBy((share, { width }) => [1, 0, share * width, 0, 1, 0]);

/** Shifts by a share of the height; a positive share shows what lies further down. */
export const translateY = moveBy((share, { height }) => [1, 0, 0, 0, 1, share * height]);

/** Both directions, up to `most` at level 10. */
const upTo = (most: number) => (level: number, sign: 1 | -1) => sign * ((level / 10) * most);

export const GEOMETRY_OPERATIONS: readonly Operation[] = [
  { name: 'rotate', levelToArgument: upTo(30), apply: rotate },
  { name: 'shear-x', levelToArgument: upTo(0.3), apply: shearX },
  { name: 'shear-y', levelToArgument: upTo(0.3), apply: shearY },
  { name: 'translate-x', levelToArgument: upTo(0.45), apply: translateX },
  { name: 'translate-y', levelToArgument: upTo(0.45), apply: translateY },
];
