import { concat, reshape, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { sumOfRows } from '../matmul.ts';
import type { Matrix, RowNumbers, Rows } from '../shapes.ts';
import { pick } from './gather-rows.ts';

/**
 * Encoder tokens x [batch*tokens, width] back in their places among all [batch*restored, width], the mask token [1, width] in
 * the others. `restore` says for each place which row of x stands there, one past the end for the mask token. The gradient
 * needs the inverse (for each row of x its place) and the places of the mask token.
 */
export function restoreTokens<
  Tokens extends number,
  Restored extends number,
  Removed extends number,
  Width extends number,
>(
  x: Rows<Tokens, Width>,
  maskToken: Matrix<1, Width>,
  restore: RowNumbers<Restored>,
  inverse?: RowNumbers<Tokens>,
  removed?: RowNumbers<Removed>,
): Rows<Restored, Width> {
  return differentiable(
    [x, maskToken],
    () => {
      const table = concat<Tensor2D>([x, maskToken], 0);
      return { value: pick(table, restore) as Rows<Restored, Width>, saved: [] };
    },
    (dy) => {
      if (!inverse || !removed)
        throw new Error('the gradient of restoreTokens needs the inverse row numbers');
      return [pick(dy, inverse), reshape(sumOfRows(pick(dy, removed)), [1, -1])];
    },
  );
}
