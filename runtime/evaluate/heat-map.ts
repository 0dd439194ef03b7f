import type { ClassificationSummary } from './metrics.ts';

type Rgb = readonly [number, number, number];

/** From nothing over half to all, of predictions that are right and of those that are wrong: apart for every kind of sight. */
const RAMPS: Readonly<Record<'right' | 'wrong', readonly [Rgb, Rgb, Rgb]>> = {
  right: [
    [0xff, 0xff, 0xff],
    [0x7f, 0xa3, 0xee],
    [0x1b, 0x45, 0xb4],
  ],
  wrong: [
    [0xff, 0xff, 0xff],
    [0xf2, 0xa5, 0x55],
    [0xa8, 0x48, 0x00],
  ],
};
/** Rows of classes without pictures. */
const EMPTY: Rgb = [0xf1, 0xf3, 0xf6];
const GRID: Rgb = [0xe4, 0xe7, 0xec];
/** Fields of this size have a line between them. */
const GRID_FROM = 10;

/** How dark a share of a row is, 0..1: by its root, so that confusions of a few per cent can be seen. */
export function depthOf(share: number): number {
  return Math.sqrt(Math.max(0, Math.min(1, share)));
}

/** The colour of a depth. */
export function heatColour(kind: 'right' | 'wrong', depth: number): Rgb {
  const [low, middle, high] = RAMPS[kind];
  const [from, to, part] = depth < 0.5 ? [low, middle, depth * 2] : [middle, high, depth * 2 - 1];
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

/** A smaller field would not be seen. */
const SMALLEST_FIELD = 2;

/** How a matrix becomes pixels. */
export interface HeatMapScale {
  /** Classes that share a row and a column of fields: 1 unless the fields would be too small. */
  readonly group: number;
  /** Fields in a row. */
  readonly fields: number;
  /** Pixels of a field's side. */
  readonly pixels: number;
}

/** The largest whole fields, up to `largest` pixels, with which the matrix is not wider than `room` pixels. */
export function heatMapScale(classes: number, room: number, largest: number): HeatMapScale {
  const group = Math.max(1, Math.ceil((classes * SMALLEST_FIELD) / room));
  const fields = Math.ceil(classes / group);
  return { group, fields, pixels: Math.min(largest, Math.floor(room / fields)) };
}

/** The fields as RGB bytes [fields * pixels, fields * pixels, 3]. */
export function heatMapPixels(
  summary: Pick<ClassificationSummary, 'classes' | 'confusion' | 'support'>,
  scale: HeatMapScale,
): Buffer {
  const { fields, pixels } = scale;
  const colours = fieldColours(summary, scale);
  const side = fields * pixels;
  const bytes = Buffer.alloc(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const line = pixels >= GRID_FROM && (x % pixels === pixels - 1 || y % pixels === pixels - 1);
      const field = Math.floor(y / pixels) * fields + Math.floor(x / pixels);
      bytes.set(line ? GRID : (colours[field] ?? EMPTY), (y * side + x) * 3);
    }
  }
  return bytes;
}

function fieldColours(
  { classes, confusion, support }: Pick<ClassificationSummary, 'classes' | 'confusion' | 'support'>,
  { fields, group }: HeatMapScale,
): Rgb[] {
  const counts = new Float64Array(fields * fields);
  const right = new Float64Array(fields);
  const totals = new Float64Array(fields);
  const add = (array: Float64Array, index: number, count: number) => {
    array[index] = (array[index] ?? 0) + count;
  };
  support.forEach((count, truth) => {
    add(totals, Math.floor(truth / group), count);
  });
  confusion.forEach((count, cell) => {
    const [truth, predicted] = [Math.floor(cell / classes), cell % classes];
    const row = Math.floor(truth / group);
    if (truth === predicted) add(right, row, count);
    else add(counts, row * fields + Math.floor(predicted / group), count);
  });
  return Array.from(counts, (count, field) => {
    const [row, column] = [Math.floor(field / fields), field % fields];
    const total = totals[row] ?? 0;
    if (total === 0) return EMPTY;
    if (row === column) return heatColour('right', depthOf((right[row] ?? 0) / total));
    return heatColour('wrong', depthOf(count / total));
  });
}
