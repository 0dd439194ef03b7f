import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { add } from '../ir/ops/add.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { scaleColumns } from '../ir/ops/scale-columns.ts';
import type { TransformerSpec } from '../language/model-spec.ts';
import { attentionLayer } from './attention.ts';
import { normLayer } from './layer-norm.ts';
import { mlpLayer } from './mlp.ts';
import {
  type BlockRegularization,
  blockRegularization,
  dropPathLayer,
  type Regularization,
} from './regularization.ts';

/** The class of a block: how passes know its scope. */
export const BLOCK_KIND = 'Block';

const DOCUMENTATION = 'A pre-norm transformer block (Dosovitskiy et al. 2021).';

/** Rows of tokens that something reads, and where they went: see `gatherRows`. */
export interface ReadRows {
  readonly token: Value;
  readonly inverse: Value;
}

/**
 * The blocks of an encoder or decoder, in order: x [batch*tokens, width] → the same. `officialList` names them in PyTorch. With
 * `read`, only those rows of the result: what the last block would do for others after its attention is left out.
 */
export function blocks(
  builder: GraphBuilder,
  spec: TransformerSpec,
  officialList: string,
  regularization: Regularization | undefined,
  x: Value,
  read?: ReadRows,
): Value {
  let tokens = x;
  for (const [index, rates] of blockRegularization(spec.depth, regularization).entries()) {
    const only = index === spec.depth - 1 ? read : undefined;
    const name = `blocks.${index}`;
    const officialName = `${officialList}.${index}`;
    const inputs = {
      x: tokens,
      ...(only ? { removedToken: only.token, removedTokenInverse: only.inverse } : {}),
    };
    tokens = builder.module(
      { name, officialName, kind: BLOCK_KIND, documentation: DOCUMENTATION },
      inputs,
      ({ x }) => block(builder, spec, rates, x, only),
    );
  }
  return tokens;
}

function block(
  builder: GraphBuilder,
  spec: TransformerSpec,
  { dropPath, dropout }: BlockRegularization,
  x: Value,
  read: ReadRows | undefined,
): Value {
  const norm = { width: spec.width, epsilon: spec.normEpsilon };
  const residual = (name: 'attn' | 'mlp', scale: string, to: Value, branch: Value) =>
    add(builder, to, dropPathLayer(builder, name, dropPath, layerScale(builder, spec, scale, branch)));
  const normed = normLayer(builder, { name: 'norm1', ...norm }, x);
  const attended = attentionLayer(builder, spec, dropout, normed, read);
  const kept = read ? gatherRows(builder, x, read.token, read.inverse) : x;
  const mixed = residual('attn', 'ls1', kept, attended);
  const transformed = mlpLayer(builder, spec, dropout, normLayer(builder, { name: 'norm2', ...norm }, mixed));
  return residual('mlp', 'ls2', mixed, transformed);
}

/** A learned factor for each channel of a residual branch, if the spec asks for it (Touvron et al. 2021). */
function layerScale(builder: GraphBuilder, spec: TransformerSpec, name: string, x: Value): Value {
  if (spec.layerScale === 0) return x;
  const documentation = 'A learned factor for each channel.';
  return builder.module({ name, kind: 'LayerScale', documentation }, { x }, () => {
    const initializer = { kind: 'constant', value: spec.layerScale } as const;
    return scaleColumns(builder, x, builder.parameter('gamma', { shape: [spec.width], initializer }));
  });
}
