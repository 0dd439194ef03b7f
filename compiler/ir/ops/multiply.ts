import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { sameTypes } from './add.ts';

export const multiplyOp = defineOp({
  name: 'multiply',
  documentation: 'a * b element by element, of one shape.',
  attributes: {},
  precision: 'inherited',
  infer: (inputs) => [sameTypes('multiply', inputs)],
  gradient({ builder, inputs: [a, b], outputGradients: [dy], needs }) {
    if (!a || !b || !dy) return [];
    return [needs(0) ? multiply(builder, dy, b) : undefined, needs(1) ? multiply(builder, dy, a) : undefined];
  },
  onnx({ inputs, outputs, emit }) {
    emit('Mul', inputs, {}, outputs[0]);
  },
  tfjs: ({ inputs: [a, b], use }) => `${use('multiply')}(${a}, ${b})`,
});

/** a * b element by element, of one shape. */
export function multiply(builder: GraphBuilder, a: Value, b: Value): Value {
  return builder.one(multiplyOp, [a, b]);
}
