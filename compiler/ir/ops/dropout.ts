import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type Op } from '../op.ts';
import { sameTypes } from './add.ts';

export const dropoutOp: Op = defineOp({
  name: 'dropout',
  documentation:
    'Each number of x [rows, width] times its own factor [rows, width], which is 0 where it is left out.',
  attributes: {},
  precision: 'inherited',
  infer: (inputs) => [sameTypes('dropout', inputs)],
  // The factors are drawn by the runtime; they have no gradient.
  gradient({ builder, inputs: [, factors], outputGradients: [dy], needs }) {
    return [factors && dy && needs(0) ? dropout(builder, dy, factors) : undefined];
  },
  onnx({ inputs, outputs, emit }) {
    emit('Mul', inputs, {}, outputs[0]);
  },
  tfjs: ({ inputs: [x, factors], use }) => `${use('dropout')}(${x}, ${factors})`,
});

/** x [rows, width] times factors of the same shape. */
export function dropout(builder: GraphBuilder, x: Value, factors: Value): Value {
  return builder.one(dropoutOp, [x, factors]);
}
