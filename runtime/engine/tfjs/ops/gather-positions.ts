import { differentiable } from '../differentiable.ts';
import { sumOfPictures } from '../matmul.ts';
import type { Matrix, RowNumbers, Rows } from '../shapes.ts';
import { pick, pickOrZero } from './gather-rows.ts';

/**
 * Rows of a table [tokens, width] by token number [batch*picked], none twice within a picture → [batch*picked, width]. The
 * gradient needs the inverse: for each of the batch*tokens tokens where it went, one past the end where nowhere.
 */
export function gatherPositions<Tokens extends number, Picked extends number, Width extends number>(
  table: Matrix<Tokens, Width>,
  numbers: RowNumbers<Picked>,
  inverse?: RowNumbers<Tokens>,
): Rows<Picked, Width> {
  const tokens = table.shape[0];
  return differentiable(
    [table],
    () => ({ value: pick(table, numbers) as Rows<Picked, Width>, saved: [] }),
    (dy) => {
      if (!inverse) throw new Error('the gradient of gatherPositions needs the inverse row numbers');
      return [sumOfPictures(pickOrZero(dy, inverse), tokens)];
    },
  );
}
