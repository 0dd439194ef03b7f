import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { gelu } from '../ir/ops/gelu.ts';
import type { TransformerSpec } from '../language/model-spec.ts';
import { linearLayer } from './linear.ts';

/** Two linears with an exact GELU between them: x [rows, width] → the same. */
export function mlpLayer(builder: GraphBuilder, spec: TransformerSpec, x: Value): Value {
  const { width, mlpWidth } = spec;
  const documentation = `The token-wise MLP, ${mlpWidth} hidden channels.`;
  return builder.module({ name: 'mlp', kind: 'Mlp', documentation }, { x }, () => {
    const hidden = linearLayer(
      builder,
      { name: 'fc1', inputs: width, outputs: mlpWidth, documentation: 'Widens.' },
      x,
    );
    const output = { name: 'fc2', inputs: mlpWidth, outputs: width, documentation: 'Narrows.' };
    return linearLayer(builder, output, gelu(builder, hidden));
  });
}
