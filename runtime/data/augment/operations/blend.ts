/**
 * One byte of Pillow's `Image.blend`: `from` at factor 0, `to` at factor 1, beyond them between and outside 0..1, cut at 0 and
 * 255 and rounded towards 0. The factor is a float32 number, and so is every intermediate result.
 */
export function blendByte(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(factor * (to - from)));
  if (value <= 0) return 0;
  return value >= 255 ? 255 : Math.trunc(value);
}

/** The luma of a colour as Pillow converts RGB to L: ITU-R 601-2 in 16-bit fixed point. */
export function lumaOf(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}
