import sharp, { type Sharp } from 'sharp';
import type { Placement, Size } from './crop.ts';
import type { Pixels } from './resize.ts';

/** How the pictures of a data set are decoded. */
export interface DecodeFormat {
  /** Grey or red, green, blue. */
  readonly channels: 1 | 3;
  /** A picture whose shorter side is longer is reduced to this when it is decoded. */
  readonly shorterSide: number;
}

// Its cache of operations would hold on to pictures that are read once an epoch.
sharp.cache(false);

/**
 * A picture file as sRGB or grey bytes, turned upright by its EXIF orientation, whatever it was: grey, palette, CMYK, 16 bits,
 * with a colour profile (applied), with alpha (on white), several frames (the first).
 */
function open(path: string, format: DecodeFormat): Sharp {
  // A damaged picture is an error, not a picture with a grey rest; odd but whole ones (warnings) are read.
  return sharp(path, { failOn: 'error' })
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace(format.channels === 1 ? 'b-w' : 'srgb');
}

/** The upright size of a picture file, from its header. */
export async function readPictureSize(path: string): Promise<Size> {
  const { autoOrient } = await sharp(path).metadata();
  return { height: autoOrient.height, width: autoOrient.width };
}

/** The size that `decodeWhole` gives a picture of this size. */
export function decodedSize(picture: Size, format: DecodeFormat): Size {
  const scale = Math.min(1, format.shorterSide / Math.min(picture.height, picture.width));
  return { height: Math.round(picture.height * scale), width: Math.round(picture.width * scale) };
}

/** Decodes a picture of this size, reduced to `decodedSize`; a JPEG is reduced while it is being decoded, which is fast. */
export async function decodeWhole(path: string, picture: Size, format: DecodeFormat): Promise<Pixels> {
  const { height, width } = decodedSize(picture, format);
  const upright = open(path, format);
  const reduced =
    height === picture.height && width === picture.width
      ? upright
      : upright.resize(width, height, { fit: 'fill' });
  return pixelsOf(reduced);
}

/** Decodes the window that a placement describes, not mirrored, resized by libvips' antialiased Catmull-Rom cubic. */
export async function decodeWindow(
  path: string,
  placement: Placement,
  format: DecodeFormat,
): Promise<Pixels> {
  const { source, resized, window } = placement;
  const stretched = open(path, format)
    .extract(source)
    .resize(resized.width, resized.height, { fit: 'fill', kernel: 'cubic' });
  return pixelsOf(stretched.extract(window));
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, channels: info.channels, data };
}
