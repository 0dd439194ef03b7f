const TEMPERATURE = 10000;

/**
 * The fixed 2-D sine-cosine position table [prefix + height * width, channels] of the official code, computed
 * in float64 and rounded once. The first half of a row's channels encodes the patch's column, the second half
 * its row; in each half the sines of all frequencies 10000^(-i / (channels / 4)) come first, then their
 * cosines. The `prefix` leading rows are zeros. `channels` must be a multiple of 4.
 */
export function sinCosTable(layout: {
  readonly height: number;
  readonly width: number;
  readonly prefix: number;
  readonly channels: number;
}): Float32Array {
  const { height, width, prefix, channels } = layout;
  if (channels % 4 !== 0) throw new RangeError(`${channels} channels are not a multiple of 4`);
  const frequencies = channels / 4;
  const table = new Float32Array((prefix + height * width) * channels);
  for (let patch = 0; patch < height * width; patch++) {
    const start = (prefix + patch) * channels;
    [patch % width, Math.floor(patch / width)].forEach((position, half) => {
      for (let i = 0; i < frequencies; i++) {
        const angle = position / TEMPERATURE ** (i / frequencies);
        const sine = start + half * 2 * frequencies + i;
        table[sine] = Math.sin(angle);
        table[sine + frequencies] = Math.cos(angle);
      }
    });
  }
  return table;
}
