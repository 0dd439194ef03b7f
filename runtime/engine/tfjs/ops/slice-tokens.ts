import { reshape, slice, type Tensor2D } from '@tensorflow/tfjs';
import type { Matrix, Rows } from '../shapes.ts';

/** Tokens start..start+count of each picture's x [batch*tokens, width] → [batch*count, width]. */
export function sliceTokens<Tokens extends number, Count extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  tokens: Tokens,
  start: number,
  count: Count,
): Rows<Count, Width> {
  const width = x.shape[1];
  const pictures: Tensor2D = reshape(x, [-1, tokens * width]);
  const part = slice(pictures, [0, start * width], [-1, count * width]);
  return reshape(part, [-1, width]) as Rows<Count, Width>;
}

/** Rows start..start+count of a table [rows, width] → [count, width]. */
export function sliceRows<RowCount extends number, Count extends number, Width extends number>(
  table: Matrix<RowCount, Width>,
  start: number,
  count: Count,
): Matrix<Count, Width> {
  return slice(table as Tensor2D, [start, 0], [count, -1]) as Matrix<Count, Width>;
}
