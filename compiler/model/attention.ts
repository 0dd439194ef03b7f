import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { attention } from '../ir/ops/attention.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { queryKeyNorm } from '../ir/ops/query-key-norm.ts';
import type { TransformerSpec } from '../language/model-spec.ts';
import type { ReadRows } from './block.ts';
import { linearLayer } from './linear.ts';
import { dropoutLayer } from './regularization.ts';

/**
 * Multi-head self-attention (Vaswani et al. 2017): x [batch*tokens, width] → the same, or the rows of it that are read. `dropout` is
 * a rate.
 */
export function attentionLayer(
  builder: GraphBuilder,
  spec: TransformerSpec,
  dropout: number,
  x: Value,
  read?: ReadRows,
): Value {
  const { width, heads, qkvBias } = spec;
  const documentation = `Self-attention of ${heads} heads, ${width / heads} channels each.`;
  const inputs = { x, ...(read ? { removedToken: read.token, removedTokenInverse: read.inverse } : {}) };
  return builder.module({ name: 'attn', kind: 'Attention', documentation }, inputs, () => {
    const qkv = linearLayer(
      builder,
      {
        name: 'qkv',
        inputs: width,
        outputs: 3 * width,
        bias: qkvBias,
        documentation: 'Queries, keys and values of all heads.',
      },
      x,
    );
    const mixed = attention(builder, spec.qkNorm ? queryKeyNorms(builder, spec, qkv) : qkv, heads);
    const projection = { name: 'proj', inputs: width, outputs: width, documentation: 'Joins the heads.' };
    const kept = read ? gatherRows(builder, mixed, read.token, read.inverse) : mixed;
    return dropoutLayer(builder, 'proj', dropout, linearLayer(builder, projection, kept));
  });
}

/** timm's `q_norm` and `k_norm`: a layer norm within each head, shared by the heads. */
function queryKeyNorms(
  builder: GraphBuilder,
  { width, heads, normEpsilon }: TransformerSpec,
  qkv: Value,
): Value {
  const norm = (name: string) => ({
    weight: builder.parameter(`${name}.weight`, { shape: [width / heads], initializer: { kind: 'ones' } }),
    bias: builder.parameter(`${name}.bias`, { shape: [width / heads], initializer: { kind: 'zeros' } }),
  });
  const [query, key] = [norm('q_norm'), norm('k_norm')];
  const norms = {
    queryWeight: query.weight,
    queryBias: query.bias,
    keyWeight: key.weight,
    keyBias: key.bias,
  };
  return queryKeyNorm(builder, qkv, norms, { heads, epsilon: normEpsilon });
}
