import { add, reshape } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { sumOfPictures } from '../matmul.ts';
import type { Matrix, Rows } from '../shapes.ts';

/** x [batch*tokens, width] plus the same table [tokens, width] for every picture. */
export function addPerToken<Tokens extends number, Width extends number>(
  x: Rows<Tokens, Width>,
  table: Matrix<Tokens, Width>,
): Rows<Tokens, Width> {
  const [tokens, width] = table.shape;
  return differentiable(
    [x, table],
    () => {
      const pictures = add(reshape(x, [-1, tokens * width]), reshape(table, [tokens * width]));
      return { value: reshape(pictures, [-1, width]) as Rows<Tokens, Width>, saved: [] };
    },
    (dy) => [dy, sumOfPictures(dy, tokens)],
  );
}
