import { add as addTensors, type Tensor2D } from '@tensorflow/tfjs';
import type { Matrix, Rows } from '../shapes.ts';

/** a + b, of one shape. */
export function add<Tokens extends number, Width extends number>(
  a: Rows<Tokens, Width>,
  b: Rows<Tokens, Width>,
): Rows<Tokens, Width>;

/** The same of tables. */
export function add<RowCount extends number, Columns extends number>(
  a: Matrix<RowCount, Columns>,
  b: Matrix<RowCount, Columns>,
): Matrix<RowCount, Columns>;

export function add(a: Tensor2D, b: Tensor2D): Tensor2D {
  return addTensors(a, b);
}
