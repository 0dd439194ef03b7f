import type { Placement, Size } from './crop.ts';
import { bytesResizer } from './kernels/resize-bytes.ts';

/** Decoded pixels: height * width * channels bytes, row by row, the channels of a pixel side by side. */
export interface Pixels extends Size {
  readonly channels: number;
  readonly data: Uint8Array;
}

/**
 * Cuts, resizes, mirrors and normalises a picture: `table[channel * 256 + byte]` is what a byte becomes, and `target` receives
 * channels * height * width of them, one channel after the other.
 *
 * The resize is the BICUBIC of Pillow 11 to the bit (Catmull-Rom, stretched over the source pixels when it shrinks, so that it does
 * not alias; the horizontal pass first, 22-bit coefficients, bytes in between): what the official training code reads.
 */
export function resizeInto(
  pixels: Pixels,
  placement: Placement,
  table: Float32Array,
  target: Float32Array,
): void {
  bytesResizer().normalizeInto(pixels, placement, table, target);
}

/** Cuts, resizes and mirrors a picture as `resizeInto` does, but leaves the bytes as they are and the channels of a pixel together. */
export function resizePixels(pixels: Pixels, placement: Placement): Pixels {
  const { channels } = pixels;
  const { height, width } = placement.window;
  const data = new Uint8Array(height * width * channels);
  const { bytes, at, stride } = bytesResizer().resize(pixels, placement);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const from = at + (channel * height + y) * stride;
      let to = y * width * channels + channel;
      for (let x = 0; x < width; x++, to += channels) data[to] = bytes[from + x] ?? 0;
    }
  }
  return { height, width, channels, data };
}

/** Mirrors if `flip`, and normalises as `resizeInto` does, pixels that have the right size already. */
export function normalizeInto(
  pixels: Pixels,
  flip: boolean,
  table: Float32Array,
  target: Float32Array,
): void {
  const { height, width, channels, data } = pixels;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const byte = data[(y * width + (flip ? width - 1 - x : x)) * channels + channel] ?? 0;
        target[(channel * height + y) * width + x] = table[channel * 256 + byte] ?? 0;
      }
    }
  }
}

/** The picture mirrored left to right. */
export function mirror({ height, width, channels, data }: Pixels): Pixels {
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) mirrored[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { height, width, channels, data: mirrored };
}
