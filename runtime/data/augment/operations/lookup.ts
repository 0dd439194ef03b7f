import type { Pixels } from '../../resize.ts';

/** The picture with each byte replaced by its entry in a table of 256. */
export function lookUp(pixels: Pixels, table: Uint8Array): Pixels {
  const { data } = pixels;
  const changed = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) changed[i] = table[data[i] ?? 0] ?? 0;
  return { ...pixels, data: changed };
}

/** A table of 256 bytes. */
export function tabulate(byteOf: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => byteOf(byte));
}

/** The picture with each channel looked up in a table that is made from the channel's histogram. */
export function lookUpByHistogram(pixels: Pixels, tableOf: (histogram: Uint32Array) => Uint8Array): Pixels {
  const { data, channels } = pixels;
  const changed = new Uint8Array(data.length);
  for (let channel = 0; channel < channels; channel++) {
    const histogram = new Uint32Array(256);
    for (let i = channel; i < data.length; i += channels) {
      const byte = data[i] ?? 0;
      histogram[byte] = (histogram[byte] ?? 0) + 1;
    }
    const table = tableOf(histogram);
    for (let i = channel; i < data.length; i += channels) changed[i] = table[data[i] ?? 0] ?? 0;
  }
  return { ...pixels, data: changed };
}
