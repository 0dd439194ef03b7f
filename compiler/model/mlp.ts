import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { gelu } from '../ir/ops/gelu.ts';
import type { TransformerSpec } from '../language/model-spec.ts';
import { linearLayer } from './linear.ts';
import { dropoutLayer } from './regularization.ts';

/** Two linears with an exact GELU between them: x [rows, width] → the same. `dropout` is a rate. */
export function mlpLayer(builder: GraphBuilder, spec: TransformerSpec, dropout: number, x: Value): Value {
  const { width, mlpWidth } = spec;
  const documentation = `The token-wise MLP, ${mlpWidth} hidden channels.`;
  return builder.module({ name: 'mlp', kind: 'Mlp', documentation }, { x }, () => {
    const hidden = linearLayer(
      builder,
      { name: 'fc1', inputs: width, outputs: mlpWidth, documentation: 'Widens.' },
      x,
    );
    const output = { name: 'fc2', inputs: mlpWidth, outputs: width, documentation: 'Narrows.' };
    const activated = dropoutLayer(builder, 'fc1', dropout, gelu(builder, hidden));
    return dropoutLayer(builder, 'fc2', dropout, linearLayer(builder, output, activated));
  });
}
