import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { dropPath } from '../ir/ops/drop-path.ts';
import { dropout } from '../ir/ops/dropout.ts';
import { float32, perExample } from '../ir/shape.ts';

/** What training leaves out at random. A graph for use has none. A `TransformerSpec` and a `ClassifierRecipe` are such. */
export interface Regularization {
  /** Stochastic depth of the last block, 0..1; the first has 0, those between in equal steps. */
  readonly dropPath: number;
  /** Dropout after the attention's projection and both layers of the MLP, 0..1. */
  readonly dropout: number;
}

/** The rates of one block. */
export type BlockRegularization = Regularization;

/** The rates of each of `depth` blocks; those of stochastic depth are spaced as timm does. */
export function blockRegularization(
  depth: number,
  { dropPath: last, dropout: rate }: Regularization = { dropPath: 0, dropout: 0 },
): BlockRegularization[] {
  return Array.from({ length: depth }, (_, index) => ({
    dropPath: depth === 1 ? 0 : (last * index) / (depth - 1),
    dropout: rate,
  }));
}

/**
 * Stochastic depth (Huang et al. 2016): the residual branch x [batch*n, width] of some pictures is left out; that of the others
 * is divided by how often it stays. `branch` is its layer's name within the block.
 */
export function dropPathLayer(builder: GraphBuilder, branch: string, rate: number, x: Value): Value {
  if (rate === 0) return x;
  return dropPath(builder, x, builder.random('drop-path', branch, float32(perExample(1), 1), 1 - rate));
}

/** Dropout (Srivastava et al. 2014) of each number of x [rows, width], the result of the layer of that name. */
export function dropoutLayer(builder: GraphBuilder, layer: string, rate: number, x: Value): Value {
  if (rate === 0) return x;
  return dropout(builder, x, builder.random('dropout', layer, x, 1 - rate));
}
