import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const meanTokensOp = defineOp({
  name: 'mean-tokens',
  documentation: 'The mean over each picture’s tokens of x [batch*n, width] → [batch, width].',
  attributes: {},
  precision: 'full',
  infer([x]) {
    perExampleOf(x, 'mean-tokens input');
    return [float32(perExample(1), widthOf(x, 'mean-tokens input'))];
  },
  gradient({ builder, inputs: [x], outputGradients: [dy] }) {
    return x && dy
      ? [builder.one(spreadTokensOp, [dy], { count: perExampleOf(x, 'mean-tokens input') })]
      : [];
  },
  onnx({ inputs: [x = ''], inputTypes: [type], outputs: [out], emit, byPicture }) {
    const shape = byPicture(perExampleOf(type, 'mean-tokens input'), [widthOf(type, 'mean-tokens input')]);
    emit('ReduceMean', [emit('Reshape', [x, shape])], { axes: [1], keepdims: { int: 0 } }, out);
  },
  tfjs: ({ inputs: [x], rowsPerPicture, use }) => `${use('meanTokens')}(${x}, ${rowsPerPicture(0)})`,
});

export const spreadTokensOp = defineOp({
  name: 'spread-tokens',
  documentation: 'dy / count for each of count tokens of a picture: [batch, width] → [batch*count, width].',
  attributes: { count: 'number' },
  precision: 'full',
  infer: ([dy], { count }) => [float32(perExample(count), widthOf(dy, 'spread-tokens input'))],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({
    inputs: [dy = ''],
    inputTypes: [type],
    outputs: [out],
    attributes: { count },
    emit,
    floats,
    int64s,
  }) {
    const width = widthOf(type, 'spread-tokens input');
    const shares = floats(new Array<number>(count).fill(1 / count), [count, 1]);
    const spread = emit('Mul', [emit('Reshape', [dy, int64s([-1, 1, width])]), shares]);
    emit('Reshape', [spread, int64s([-1, width])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [batch*n, width] → [batch, width]. */
export function meanTokens(builder: GraphBuilder, x: Value): Value {
  return builder.one(meanTokensOp, [x]);
}
