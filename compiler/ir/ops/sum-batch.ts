import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const sumBatchOp = defineOp({
  name: 'sum-batch',
  documentation: 'The sum over the pictures of x [batch*n, width] → [n, width].',
  attributes: {},
  precision: 'full',
  infer([x]) {
    return [float32(perExampleOf(x, 'sum-batch input'), widthOf(x, 'sum-batch input'))];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = ''], inputTypes: [type], outputs: [out], emit, int64s, ones }) {
    const rows = perExampleOf(type, 'sum-batch input');
    const width = widthOf(type, 'sum-batch input');
    const flat = emit('Reshape', [x, int64s([-1, rows * width])]);
    emit('Reshape', [emit('Gemm', [ones(1), flat]), int64s([rows, width])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [batch*n, width] → [n, width]. */
export function sumBatch(builder: GraphBuilder, x: Value): Value {
  return builder.one(sumBatchOp, [x]);
}
