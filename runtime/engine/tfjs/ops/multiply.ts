import { mul, type Tensor2D } from '@tensorflow/tfjs';
import type { Matrix, Rows } from '../shapes.ts';

/** a * b element by element, of one shape. */
export function multiply<Tokens extends number, Width extends number>(
  a: Rows<Tokens, Width>,
  b: Rows<Tokens, Width>,
): Rows<Tokens, Width>;

/** The same of tables. */
export function multiply<RowCount extends number, Columns extends number>(
  a: Matrix<RowCount, Columns>,
  b: Matrix<RowCount, Columns>,
): Matrix<RowCount, Columns>;

export function multiply(a: Tensor2D, b: Tensor2D): Tensor2D {
  return mul(a, b);
}
