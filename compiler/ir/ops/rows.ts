import { assert } from '../assert.ts';
import { type Dimension, formatShape, perExample, type TensorType } from '../shape.ts';

/** Width of a [rows, width] tensor. */
export function widthOf(tensor: TensorType | undefined, what: string): number {
  const width = tensor?.shape[1];
  assert(tensor?.shape.length === 2 && typeof width === 'number', `${what} must be [rows, width]`);
  return width;
}

/** Rows of a [rows, width] tensor: a number, or so many per picture. */
export function rowsOf(tensor: TensorType | undefined, what: string): Dimension {
  const rows = tensor?.shape[0];
  assert(tensor !== undefined && rows !== undefined, `${what} must have rows`);
  return rows;
}

/** Rows per picture of a batched [batch*n, ...] tensor. */
export function perExampleOf(tensor: TensorType | undefined, what: string): number {
  const rows = rowsOf(tensor, what);
  assert(typeof rows !== 'number', `${what} must be batched, not ${tensor ? formatShape(tensor.shape) : ''}`);
  return rows.perExample;
}

/** Rows per picture if batched, else rows. */
export function countOf(rows: Dimension): number {
  return typeof rows === 'number' ? rows : rows.perExample;
}

/** A dimension of `count` rows, batched like another one. */
export function rowsLike(rows: Dimension, count: number): Dimension {
  return typeof rows === 'number' ? count : perExample(count);
}
