import { matMul, reshape, type Tensor2D, type Tensor3D, tensor2d, tidy, transpose } from '@tensorflow/tfjs';
import { axisTaps } from '../../../weights/transfer/interpolate-positions.ts';
import type { Product } from '../shape-arithmetic.ts';
import type { Matrix } from '../shapes.ts';
import type { PatchGrid } from './patch-grid.ts';

/**
 * A table of positions [rows*columns, width] for another grid of patches → [patches, width]: interpolated as fine-tuning at another
 * size does (`interpolatePositions`). On its own grid the table is what it is.
 */
export function resizePositions<RowCount extends number, ColumnCount extends number, Width extends number>(
  table: Matrix<Product<RowCount, ColumnCount>, Width>,
  [rows, columns]: readonly [rows: RowCount, columns: ColumnCount],
  grid: PatchGrid,
): Matrix<number, Width> {
  const positions: Tensor2D = table;
  const resized =
    rows === grid.rows && columns === grid.columns
      ? positions
      : tidy(() => interpolate(positions, { rows, columns }, grid));
  return resized as Matrix<number, Width>;
}

type Sides = Pick<PatchGrid, 'rows' | 'columns'>;

/** One axis after the other: a matrix of both would have as many numbers as all pairs of patches. */
function interpolate(table: Tensor2D, from: Sides, to: Sides): Tensor2D {
  const width = table.shape[1];
  const byRow: Tensor2D = reshape(table, [from.rows, from.columns * width]);
  const down: Tensor2D = matMul(axisMatrix(from.rows, to.rows), byRow);
  const columnsFirst = swapGrid(down, to.rows, from.columns, width);
  const across: Tensor2D = matMul(axisMatrix(from.columns, to.columns), columnsFirst);
  return reshape(swapGrid(across, to.columns, to.rows, width), [to.rows * to.columns, width]);
}

/** [a, b*width] → [b, a*width]. */
function swapGrid(x: Tensor2D, a: number, b: number, width: number): Tensor2D {
  const cells: Tensor3D = reshape(x, [a, b, width]);
  return reshape(transpose(cells, [1, 0, 2]), [b, a * width]);
}

/** Matrices [outputs, inputs] on the host, row by row, by their sides; few are needed at a time. */
const known = new Map<string, Float32Array>();
const MOST_KNOWN = 64;

function axisMatrix(inputs: number, outputs: number): Tensor2D {
  const key = `${inputs} to ${outputs}`;
  const weights = known.get(key) ?? axisWeights(inputs, outputs);
  if (known.size >= MOST_KNOWN && !known.has(key)) known.clear();
  known.set(key, weights);
  return tensor2d(weights, [outputs, inputs]);
}

function axisWeights(inputs: number, outputs: number): Float32Array {
  const weights = new Float32Array(outputs * inputs);
  axisTaps(inputs, outputs).forEach((taps, output) => {
    // Beyond the borders several taps are of the same input.
    for (const { index, weight } of taps) {
      const place = output * inputs + index;
      weights[place] = (weights[place] ?? 0) + weight;
    }
  });
  return weights;
}
