import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, isBatched } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const totalOp = defineOp({
  name: 'total',
  documentation:
    'The sum of all numbers of x, of one dimension or more but without a batch, plus the number `before` [] if it is there → []. It is finite only where they all are.',
  attributes: {},
  precision: 'full',
  infer([x, before]) {
    assert(
      x !== undefined && x.shape.length > 0 && !isBatched(x.shape),
      'total takes a tensor of known shape',
    );
    assert(before === undefined || before.shape.length === 0, 'total goes on from a scalar');
    return [float32()];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  // Row by row first, which a graphics device does side by side.
  onnx({ inputs: [x = '', before], inputTypes: [type], outputs: [out], emit, int64s }) {
    const keepdims = { int: 0 };
    const isFlat = type?.shape.length === 1;
    const rows = isFlat ? x : emit('ReduceSum', [x, int64s([-1])], { keepdims });
    if (before === undefined) emit('ReduceSum', [rows], { keepdims }, out);
    else emit('Add', [emit('ReduceSum', [rows], { keepdims }), before], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** The sum of all numbers of some tensors, []. */
export function total(builder: GraphBuilder, [first, ...rest]: readonly [Value, ...Value[]]): Value {
  return rest.reduce((sum, x) => builder.one(totalOp, [x, sum]), builder.one(totalOp, [first]));
}
