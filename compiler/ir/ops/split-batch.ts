import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const splitBatchOp = defineOp({
  name: 'split-batch',
  documentation: 'x [batch*n, width] seen as [batch, n, width].',
  attributes: {},
  precision: 'full',
  infer([x]) {
    return [float32(perExample(1), perExampleOf(x, 'split-batch input'), widthOf(x, 'split-batch input'))];
  },
  gradient: 'it shapes results for the caller, after the loss',
  onnx({ inputs: [x = ''], outputs: [out], outputTypes: [type], emit, byPicture }) {
    const [, tokens, width] = type?.shape ?? [];
    emit('Reshape', [x, byPicture(Number(tokens), [Number(width)])], {}, out);
  },
  tfjs: ({ inputs: [x], rowsPerPicture, use }) => `${use('splitBatch')}(${x}, ${rowsPerPicture(0)})`,
});

/** x [batch*n, width] → [batch, n, width]. */
export function splitBatch(builder: GraphBuilder, x: Value): Value {
  const value = builder.one(splitBatchOp, [x]);
  assert(value.shape.length === 3, 'split-batch makes three dimensions');
  return value;
}
