import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { add } from '../ir/ops/add.ts';
import { scaleColumns } from '../ir/ops/scale-columns.ts';
import type { TransformerSpec } from '../language/model-spec.ts';
import { attentionLayer } from './attention.ts';
import { normLayer } from './layer-norm.ts';
import { mlpLayer } from './mlp.ts';

const DOCUMENTATION = 'A pre-norm transformer block (Dosovitskiy et al. 2021).';

/** The blocks of an encoder or decoder, in order: x [batch*tokens, width] → the same. `officialList` names them in PyTorch. */
export function blocks(builder: GraphBuilder, spec: TransformerSpec, officialList: string, x: Value): Value {
  let tokens = x;
  for (let index = 0; index < spec.depth; index++) {
    const name = `blocks.${index}`;
    const officialName = `${officialList}.${index}`;
    tokens = builder.module(
      { name, officialName, kind: 'Block', documentation: DOCUMENTATION },
      { x: tokens },
      ({ x }) => block(builder, spec, x),
    );
  }
  return tokens;
}

function block(builder: GraphBuilder, spec: TransformerSpec, x: Value): Value {
  const norm = { width: spec.width, epsilon: spec.normEpsilon };
  const attended = attentionLayer(builder, spec, normLayer(builder, { name: 'norm1', ...norm }, x));
  const mixed = add(builder, x, layerScale(builder, spec, 'ls1', attended));
  const transformed = mlpLayer(builder, spec, normLayer(builder, { name: 'norm2', ...norm }, mixed));
  return add(builder, mixed, layerScale(builder, spec, 'ls2', transformed));
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
