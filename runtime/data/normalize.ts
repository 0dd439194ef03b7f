import type { CompiledModel } from '../model/compiled-spec.ts';

type Normalization = Pick<CompiledModel['image'], 'channels' | 'mean' | 'deviation'>;

/**
 * What each byte of each channel becomes in a model's input, (byte / 255 - mean) / deviation, at `channel * 256 + byte`.
 * Every operation is rounded to float32, as torchvision's `ToTensor` and `Normalize` do.
 */
export function normalizationTable(image: Normalization): Float32Array {
  const table = new Float32Array(image.channels * 256);
  for (let channel = 0; channel < image.channels; channel++) {
    const mean = Math.fround(image.mean[channel] ?? 0);
    const deviation = Math.fround(image.deviation[channel] ?? 1);
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = Math.fround(Math.fround(byte / 255) - mean) / deviation;
    }
  }
  return table;
}

/** The byte that a normalised value of a channel shows as: the inverse of the table, rounded, cut at 0 and 255. */
export function byteOf(value: number, channel: number, image: Normalization): number {
  const shown = value * (image.deviation[channel] ?? 1) + (image.mean[channel] ?? 0);
  return Math.max(0, Math.min(255, Math.round(shown * 255)));
}
