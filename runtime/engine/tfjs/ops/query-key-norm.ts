import { concat, reshape, split, type Tensor2D } from '@tensorflow/tfjs';
import type { Rows, Vector } from '../shapes.ts';
import { layerNorm } from './layer-norm.ts';

/**
 * Layer norm of the queries and of the keys within each head: qkv [batch*tokens, 3*width] → the same, values untouched.
 * Weights and biases [width/heads] are shared by the heads.
 */
export function queryKeyNorm<Tokens extends number, QkvWidth extends number, HeadWidth extends number>(
  qkv: Rows<Tokens, QkvWidth>,
  queryWeight: Vector<HeadWidth>,
  queryBias: Vector<HeadWidth>,
  keyWeight: Vector<HeadWidth>,
  keyBias: Vector<HeadWidth>,
  heads: number,
  epsilon: number,
): Rows<Tokens, QkvWidth> {
  const width = qkv.shape[1] / 3;
  const [queries, keys, values] = split(qkv, 3, 1) as [Tensor2D, Tensor2D, Tensor2D];
  const normed = (x: Tensor2D, weight: Vector<HeadWidth>, bias: Vector<HeadWidth>): Tensor2D => {
    const perHead = reshape(x, [-1, width / heads]) as Rows<number, HeadWidth>;
    return reshape(layerNorm(perHead, weight, bias, epsilon), [-1, width]);
  };
  const parts = [normed(queries, queryWeight, queryBias), normed(keys, keyWeight, keyBias), values];
  return concat<Tensor2D>(parts, 1) as Rows<Tokens, QkvWidth>;
}
