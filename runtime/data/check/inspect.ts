import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { type DecodeFormat, decodeWhole } from '../decode.ts';
import type { Pixels } from '../resize.ts';
import type { PictureContent, PictureSource, RawPixels } from '../source.ts';
import { whyUnreadable } from '../unreadable.ts';

/** What is special about how a picture is encoded; decoding makes plain colours of all of these. */
export const TRAITS = ['grey', 'CMYK', '16 bits', 'transparent', 'animated', 'turned by EXIF'] as const;
export type Trait = (typeof TRAITS)[number];

/** A picture that decodes. */
export interface WholePicture {
  readonly height: number;
  readonly width: number;
  /** "jpeg", "png", …; "pixels" for what was not encoded. */
  readonly format: string;
  readonly traits: readonly Trait[];
  /** The same for pictures whose bytes are the same. */
  readonly hash: string;
  /** Reduced to `THUMBNAIL` on its shorter side. */
  readonly thumbnail: Pixels;
}

/** Pixels of the shorter side of a thumbnail, unless the picture has fewer. */
export const THUMBNAIL = 96;

const FORMAT: DecodeFormat = { channels: 3, shorterSide: THUMBNAIL };

/** Reads and decodes a picture as training does; for one that cannot be, the reason. */
export async function inspectPicture(
  source: PictureSource,
  index: number,
): Promise<WholePicture | { readonly reason: string }> {
  try {
    const content = await source.read(index);
    return isRaw(content) ? inspectPixels(content) : await inspectEncoded(content);
  } catch (error) {
    return { reason: whyUnreadable(error) };
  }
}

const isRaw = (content: PictureContent): content is RawPixels =>
  typeof content !== 'string' && !(content instanceof Uint8Array);

async function inspectEncoded(content: string | Uint8Array): Promise<WholePicture> {
  const bytes = typeof content === 'string' ? await readFile(content) : content;
  const metadata = await sharp(bytes).metadata();
  const { height, width } = metadata.autoOrient;
  const thumbnail = await decodeWhole(bytes, { height, width }, FORMAT);
  // AVIF files are HEIF files with another compression.
  const format = metadata.compression === 'av1' ? 'avif' : metadata.format;
  return { height, width, format, traits: traitsOf(metadata), hash: hashOf(bytes), thumbnail };
}

function traitsOf(metadata: Metadata): Trait[] {
  const { space, depth, hasAlpha, pages = 1, orientation = 1 } = metadata;
  const has: Record<Trait, boolean> = {
    grey: space === 'b-w' || space === 'grey16',
    CMYK: space === 'cmyk',
    '16 bits': depth === 'ushort',
    transparent: hasAlpha,
    animated: pages > 1,
    'turned by EXIF': orientation > 1,
  };
  return TRAITS.filter((trait) => has[trait]);
}

/** The first three channels stand for red, green and blue, the first alone for grey where there are fewer. */
function inspectPixels(pixels: RawPixels): WholePicture {
  const { height, width, channels, data } = pixels;
  const shown = new Uint8Array(height * width * 3);
  const scale = data instanceof Uint8Array ? 1 : 255;
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = data[pixel * channels + (channels < 3 ? 0 : channel)] ?? 0;
      shown[pixel * 3 + channel] = Math.max(0, Math.min(255, Math.round(value * scale)));
    }
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    height,
    width,
    format: channels === 3 ? 'pixels' : `pixels of ${channels} channels`,
    traits: [],
    hash: hashOf(bytes),
    thumbnail: { height, width, channels: 3, data: shown },
  };
}

/** 96 bits: enough that two pictures of any data set never have the same by chance. */
function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest().subarray(0, 12).toString('base64');
}
