import { assert, present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const unscaleOp = defineOp({
  name: 'unscale',
  documentation: 'x of any shape over the number scale []: a gradient of the loss from that of scale * loss.',
  attributes: {},
  precision: 'full',
  infer([x, scale]) {
    assert(scale?.shape.length === 0, 'the scale is a scalar');
    return [present(x, 'unscale input')];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, outputs, emit }) {
    emit('Div', inputs, {}, outputs[0]);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x over scale []. */
export function unscale(builder: GraphBuilder, x: Value, scale: Value): Value {
  return builder.one(unscaleOp, [x, scale]);
}
