import sharp, { type Sharp } from 'sharp';
import { UserError } from '../user-error.ts';
import type { Box, Placement, Size } from './crop.ts';
import type { Pixels } from './resize.ts';
import type { RawPixels } from './source.ts';

/** An encoded picture: the path of its file, or its bytes. */
export type EncodedPicture = string | Uint8Array;

/** How the pictures of a data set are decoded. */
export interface DecodeFormat {
  /** Grey or red, green, blue. */
  readonly channels: 1 | 3;
  /** A picture whose shorter side is longer is reduced to this when it is decoded. */
  readonly shorterSide: number;
}

// Its cache of operations would hold on to pictures that are read once an epoch.
sharp.cache(false);
// Several pictures are decoded at a time already; and how far a damaged picture is read does not depend on the number of processors.
sharp.concurrency(1);

/**
 * A picture as sRGB or grey bytes, turned upright by its EXIF orientation, whatever it was: grey, palette, CMYK, 16 bits,
 * with a colour profile (applied), with alpha (on white), several frames (the first).
 */
function open(picture: EncodedPicture, format: DecodeFormat): Sharp {
  // A damaged picture is an error, not a picture with a grey rest; odd but whole ones (warnings) are read.
  return sharp(picture, { failOn: 'error' })
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace(format.channels === 1 ? 'b-w' : 'srgb');
}

/** The upright size of a picture, from its header. */
export async function readPictureSize(picture: EncodedPicture): Promise<Size> {
  const { autoOrient } = await sharp(picture).metadata();
  return { height: autoOrient.height, width: autoOrient.width };
}

/** The size that `decodeWhole` gives a picture of this size. */
export function decodedSize(picture: Size, format: DecodeFormat): Size {
  const scale = Math.min(1, format.shorterSide / Math.min(picture.height, picture.width));
  return { height: Math.round(picture.height * scale), width: Math.round(picture.width * scale) };
}

/** Decodes a picture of this size, reduced to `decodedSize`; a JPEG is reduced while it is being decoded, which is fast. */
export async function decodeWhole(
  picture: EncodedPicture,
  size: Size,
  format: DecodeFormat,
): Promise<Pixels> {
  const { height, width } = decodedSize(size, format);
  const upright = open(picture, format);
  const reduced =
    height === size.height && width === size.width ? upright : upright.resize(width, height, { fit: 'fill' });
  return pixelsOf(reduced);
}

/** Decodes a rectangle of a picture as it is. A JPEG is not decoded below it. */
export function decodeBox(picture: EncodedPicture, box: Box, format: DecodeFormat): Promise<Pixels> {
  return pixelsOf(open(picture, format).extract(box));
}

/** Decodes the window that a placement describes, not mirrored, resized by libvips' antialiased Catmull-Rom cubic. */
export function decodeWindow(
  picture: EncodedPicture,
  placement: Placement,
  format: DecodeFormat,
): Promise<Pixels> {
  const { source, resized, window } = placement;
  const stretched = open(picture, format)
    .extract(source)
    .resize(resized.width, resized.height, { fit: 'fill', kernel: 'cubic' });
  return pixelsOf(stretched.extract(window));
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, channels: info.channels, data };
}

/** Raw pixels with so many channels: grey bytes become colours and colours grey, as in `decodeWhole`. @throws UserError for others. */
export async function withChannels(pixels: RawPixels, channels: number): Promise<RawPixels> {
  if (pixels.channels === channels) return pixels;
  const { height, width, data } = pixels;
  const greyOrColour = (count: number): count is 1 | 3 => count === 1 || count === 3;
  if (data instanceof Uint8Array && greyOrColour(pixels.channels) && greyOrColour(channels)) {
    const raw = { height, width, channels: pixels.channels };
    return pixelsOf(sharp(data, { raw }).toColourspace(channels === 1 ? 'b-w' : 'srgb'));
  }
  throw new UserError(`it has ${pixels.channels} channels, but the model's images have ${channels}`);
}
