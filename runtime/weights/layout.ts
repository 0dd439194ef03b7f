/** Of a `CompiledParameter`: the official shape, and the official axes in stored order. */
interface Layout {
  readonly shape: readonly number[];
  readonly permutation: readonly number[];
}

/**
 * Writes a parameter's numbers from the official layout to the one in which the engines hold it. Both have as
 * many numbers.
 */
export function toStoredLayout(layout: Layout, official: Float32Array, stored: Float32Array): void {
  permuteAxes(official, layout.shape, layout.permutation, stored);
}

/** Writes a parameter's numbers from the layout in which the engines hold it to the official one. */
export function toOfficialLayout(layout: Layout, stored: Float32Array, official: Float32Array): void {
  const storedAxes = layout.permutation.map((axis) => layout.shape[axis] ?? 0);
  const inverse = layout.permutation.map((_, axis) => layout.permutation.indexOf(axis));
  permuteAxes(stored, storedAxes, inverse, official);
}

/**
 * Writes a row-major tensor of the given shape with its axes in the order of `permutation`: axis i of the
 * result is axis permutation[i] of the source. The destination must be another array of the same length.
 */
export function permuteAxes(
  source: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
  destination: Float32Array,
): void {
  const elements = shape.reduce((product, side) => product * side, 1);
  if (source.length !== elements || destination.length !== elements) {
    throw new RangeError(
      `a tensor [${shape.join(', ')}] cannot go from ${source.length} numbers to ${destination.length}`,
    );
  }
  const axes = mergedAxes(shape, permutation);
  const [first, second] = axes;
  if (second === undefined) destination.set(source);
  else if (first !== undefined && axes.length === 2) transpose(source, second.side, first.side, destination);
  else copyStrided(source, axes, destination);
}

/** An axis of the destination: how long it is, and how far apart its elements lie in the source. */
interface Axis {
  readonly side: number;
  readonly stride: number;
}

/**
 * The destination's axes, outermost first, without those of one element; those that lie in the source as one
 * are merged.
 */
function mergedAxes(shape: readonly number[], permutation: readonly number[]): Axis[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const merged: Axis[] = [];
  for (const axis of permutation) {
    const side = shape[axis] ?? 0;
    const stride = strides[axis] ?? 0;
    if (side === 1) continue;
    const outer = merged.at(-1);
    if (outer !== undefined && outer.stride === side * stride) {
      merged[merged.length - 1] = { side: outer.side * side, stride };
    } else merged.push({ side, stride });
  }
  return merged;
}

/** Side of the square blocks of a transpose: 2 x 32 x 32 numbers stay in the first-level cache. */
const BLOCK = 32;

/** destination[column, row] = source[row, column], block by block. */
function transpose(source: Float32Array, rows: number, columns: number, destination: Float32Array): void {
  for (let top = 0; top < rows; top += BLOCK) {
    const bottom = Math.min(top + BLOCK, rows);
    for (let left = 0; left < columns; left += BLOCK) {
      const right = Math.min(left + BLOCK, columns);
      for (let column = left; column < right; column++) {
        for (let row = top; row < bottom; row++) {
          destination[column * rows + row] = source[row * columns + column] ?? 0;
        }
      }
    }
  }
}

/** Fills the destination from front to back, stepping through the source as its axes say. */
export function copyStrided(source: Float32Array, axes: readonly Axis[], destination: Float32Array): void {
  const outer = axes.slice(0, -1);
  const inner = axes.at(-1) ?? { side: 1, stride: 1 };
  const index = outer.map(() => 0);
  let start = 0;
  for (let written = 0; written < destination.length; ) {
    for (let i = 0; i < inner.side; i++) destination[written++] = source[start + i * inner.stride] ?? 0;
    // To the next position of the outer axes, as an odometer counts.
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { side, stride } = outer[axis] ?? inner;
      const next = (index[axis] ?? 0) + 1;
      if (next < side) {
        index[axis] = next;
        start += stride;
        break;
      }
      index[axis] = 0;
      start -= (side - 1) * stride;
    }
  }
}
