import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { layerNorm } from '../ir/ops/layer-norm.ts';

export interface NormDeclaration {
  readonly name: string;
  readonly officialName?: string;
  readonly width: number;
  readonly epsilon: number;
}

/** Layer norm with a learned scale and shift: x [rows, width] → [rows, width]. */
export function normLayer(builder: GraphBuilder, declaration: NormDeclaration, x: Value): Value {
  const { name, officialName = name, width, epsilon } = declaration;
  const documentation = 'Layer norm over the channels of each token.';
  return builder.module({ name, officialName, kind: 'LayerNorm', documentation }, { x }, () => {
    const weight = builder.parameter('weight', { shape: [width], initializer: { kind: 'ones' } });
    const bias = builder.parameter('bias', { shape: [width], initializer: { kind: 'zeros' } });
    return layerNorm(builder, x, weight, bias, epsilon);
  });
}
