import { add, concat, reshape, slice, type Tensor2D, zeros } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { sumOfRows } from '../matmul.ts';
import type { Sum } from '../shape-arithmetic.ts';
import type { Matrix, Rows } from '../shapes.ts';

/** The same tokens [prepended, width] before every picture's x [batch*tokens, width] → [batch*(prepended+tokens), width]. */
export function prependTokens<Prepended extends number, Tokens extends number, Width extends number>(
  prefix: Matrix<Prepended, Width>,
  x: Rows<Tokens, Width>,
  tokens: Tokens,
): Rows<Sum<Prepended, Tokens>, Width> {
  const [prepended, width] = prefix.shape;
  const before = prepended * width;
  return differentiable(
    [prefix, x],
    () => {
      const pictures: Tensor2D = reshape(x, [-1, tokens * width]);
      // Adding to zeros repeats the prefix for every picture; the gradient of `tile` loops over the repeats.
      const repeated: Tensor2D = add(reshape(prefix, [1, before]), zeros([pictures.shape[0], before]));
      const all = reshape(concat([repeated, pictures], 1), [-1, width]);
      return { value: all as Rows<Sum<Prepended, Tokens>, Width>, saved: [] };
    },
    (dy) => {
      const pictures: Tensor2D = reshape(dy, [-1, before + tokens * width]);
      const dPrefix = sumOfRows(slice(pictures, [0, 0], [-1, before]));
      return [
        reshape(dPrefix, [prepended, width]),
        reshape(slice(pictures, [0, before], [-1, -1]), [-1, width]),
      ];
    },
  );
}
