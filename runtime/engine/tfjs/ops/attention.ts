import {
  concat,
  matMul,
  mul,
  reshape,
  softmax,
  split,
  sub,
  sum,
  type Tensor2D,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import type { Third } from '../shape-arithmetic.ts';
import type { Rows } from '../shapes.ts';

/**
 * Multi-head self-attention within each picture: qkv [batch*tokens, 3*width] (queries, keys and values side by side, heads
 * side by side within each) → [batch*tokens, width].
 */
export function attention<Tokens extends number, QkvWidth extends number>(
  qkv: Rows<Tokens, QkvWidth>,
  tokens: Tokens,
  heads: number,
): Rows<Tokens, Third<QkvWidth>> {
  const width = qkv.shape[1] / 3;
  const scale = (width / heads) ** -0.5;
  const splitHeads = (x: Tensor2D): Tensor4D =>
    transpose(reshape(x, [-1, tokens, heads, width / heads]), [0, 2, 1, 3]);
  const mergeHeads = (x: Tensor4D): Tensor2D => reshape(transpose(x, [0, 2, 1, 3]), [-1, width]);
  return differentiable(
    [qkv],
    () => {
      const [queries, keys, values] = split<Tensor2D>(qkv, 3, 1).map(splitHeads) as [
        Tensor4D,
        Tensor4D,
        Tensor4D,
      ];
      // The scale goes onto the queries, which are fewer numbers than the scores.
      const scaled = mul<Tensor4D>(queries, scale);
      const probabilities = softmax(matMul<Tensor4D>(scaled, keys, false, true));
      const result = matMul<Tensor4D>(probabilities, values);
      const value = mergeHeads(result) as Rows<Tokens, Third<QkvWidth>>;
      return { value, saved: [scaled, keys, values, result, probabilities] };
    },
    (dy, [queries, keys, values, result, probabilities]) => {
      const dResult = splitHeads(dy);
      const dValues = matMul<Tensor4D>(probabilities, dResult, true, false);
      const dProbabilities = matMul(dResult, values, false, true);
      // The softmax's row sums of p * dp equal those of result * dResult, which are fewer numbers.
      const rowSums = sum(mul(dResult, result), -1, true);
      const dScores = mul(probabilities, sub(dProbabilities, rowSums));
      const dQueries = mul<Tensor4D>(matMul(dScores, keys), scale);
      const dKeys = matMul<Tensor4D>(dScores, queries, true, false);
      return [concat([dQueries, dKeys, dValues].map(mergeHeads), 1)];
    },
  );
}
