import { interpolatePositions, type PositionTable } from '../transfer/interpolate-positions.ts';

/** The new numbers of a tensor, from the old ones and from those that it would have if it were drawn anew. */
export type Carry = (old: Float32Array, initial: Float32Array) => Float32Array;

/** The new tensor with the old numbers wherever both have a place; both row-major, of as many axes. */
export function copyOverlap(
  old: Float32Array,
  oldShape: readonly number[],
  initial: Float32Array,
  shape: readonly number[],
): Float32Array {
  const result = Float32Array.from(initial);
  const copy = (axis: number, from: number, to: number): void => {
    const [oldSide = 1, side = 1] = [oldShape[axis], shape[axis]];
    const shared = Math.min(oldSide, side);
    if (axis >= shape.length - 1) {
      result.set(old.subarray(from * oldSide, from * oldSide + shared), to * side);
      return;
    }
    for (let i = 0; i < shared; i++) copy(axis + 1, from * oldSide + i, to * side + i);
  };
  copy(0, 0, 0);
  return result;
}

/**
 * A table of positions for another grid: resized if the grid is another, with as many of the rows before the patches as
 * both have and zeros for further ones.
 */
export function placePositions(table: Float32Array, from: PositionTable, to: PositionTable): Float32Array {
  const width = table.length / (from.prefix + from.grid.height * from.grid.width);
  const prefix = Math.min(from.prefix, to.prefix);
  const shared = new Float32Array((prefix + from.grid.height * from.grid.width) * width);
  shared.set(table.subarray(0, prefix * width));
  shared.set(table.subarray(from.prefix * width), prefix * width);
  return interpolatePositions(shared, { grid: from.grid, prefix }, to);
}
