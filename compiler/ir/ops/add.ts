import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { formatShape, sameShape, type TensorType } from '../shape.ts';

/** The common type of two tensors of one shape. */
export function sameTypes(op: string, [a, b]: readonly TensorType[]): TensorType {
  assert(a !== undefined && b !== undefined, `${op} takes two tensors`);
  assert(sameShape(a.shape, b.shape), `${op} of ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  return { type: a.type, shape: a.shape };
}

export const addOp = defineOp({
  name: 'add',
  documentation: 'a + b, of one shape.',
  attributes: {},
  precision: 'inherited',
  infer: (inputs) => [sameTypes('add', inputs)],
  gradient: ({ outputGradients: [dy] }) => [dy, dy],
  onnx({ inputs, outputs, emit }) {
    emit('Add', inputs, {}, outputs[0]);
  },
  tfjs: ({ inputs: [a, b], use }) => `${use('add')}(${a}, ${b})`,
});

/** a + b, of one shape. */
export function add(builder: GraphBuilder, a: Value, b: Value): Value {
  return builder.one(addOp, [a, b]);
}
