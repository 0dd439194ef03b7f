import { createHash } from 'node:crypto';
import type { Pixels } from '../../../runtime/data/resize.ts';

/** The picture that record.py makes: bytes 30..229, with edges, slopes and texture. */
export function picture(height: number, width: number, channels: number): Pixels {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / (channels * width));
    const texture = (x * y * 7 + x * x * 13 + y * y * 29 + c * 17) % 64;
    return 30 + ((x * 3 + y * 5 + c * 40 + texture) % 200);
  });
  return { height, width, channels, data };
}

export const sha256 = (pixels: Pixels): string => createHash('sha256').update(pixels.data).digest('hex');

/** The numbers of a little-endian float32 array in base64. */
export function floats(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

/** How far a sample's mean is from the mean of a distribution, in standard errors. */
export function standardErrors(sample: readonly number[], mean: number, variance: number): number {
  const sum = sample.reduce((total, value) => total + value, 0);
  return Math.abs(sum / sample.length - mean) / Math.sqrt(variance / sample.length);
}
