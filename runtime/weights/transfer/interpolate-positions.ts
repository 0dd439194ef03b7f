/** Patches of a picture. */
export interface Grid {
  readonly height: number;
  readonly width: number;
}

/** A table of positions [prefix + height * width, channels]: rows of tokens before the patches, then the patches'. */
export interface PositionTable {
  readonly grid: Grid;
  readonly prefix: number;
}

/**
 * Resizes a table of positions from one grid to another as the official code does for fine-tuning at another size:
 * bicubic, each axis by itself, its corners not aligned (PyTorch's `interpolate(mode='bicubic', align_corners=False)`). The
 * rows before the patches are kept; those that only the new table has are zeros, which add nothing. The old table has no
 * more of them than the new one.
 */
export function interpolatePositions(
  table: Float32Array,
  from: PositionTable,
  to: PositionTable,
): Float32Array {
  const channels = table.length / (from.prefix + from.grid.height * from.grid.width);
  const resized = new Float32Array((to.prefix + to.grid.height * to.grid.width) * channels);
  resized.set(table.subarray(0, from.prefix * channels));
  const patches = table.subarray(from.prefix * channels);
  const rows = axisTaps(from.grid.height, to.grid.height);
  const columns = axisTaps(from.grid.width, to.grid.width);
  let written = to.prefix * channels;
  for (const row of rows) {
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (const { index: y, weight: down } of row) {
          for (const { index: x, weight: across } of column) {
            sum += down * across * (patches[(y * from.grid.width + x) * channels + channel] ?? 0);
          }
        }
        resized[written++] = sum;
      }
    }
  }
  return resized;
}

/** A part of an output: so much of one input. */
export interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** Of each output of an axis, the four inputs that it is made of; those beyond the borders are the border's. */
export function axisTaps(inputs: number, outputs: number): Tap[][] {
  const scale = inputs / outputs;
  return Array.from({ length: outputs }, (_, output) => {
    const centre = (output + 0.5) * scale - 0.5;
    const first = Math.floor(centre) - 1;
    return [0, 1, 2, 3].map((i) => ({
      index: Math.min(Math.max(first + i, 0), inputs - 1),
      weight: cubic(centre - (first + i)),
    }));
  });
}

/** PyTorch's constant of the convolution of Keys (1981), who took -0.5. */
const A = -0.75;

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < 2) return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  return 0;
}
