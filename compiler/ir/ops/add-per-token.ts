import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { perExampleOf, rowsOf, widthOf } from './rows.ts';
import { sumBatch } from './sum-batch.ts';

export const addPerTokenOp = defineOp({
  name: 'add-per-token',
  documentation: 'x [batch*n, width] plus the same table [n, width] for every picture: positions.',
  attributes: {},
  precision: 'full',
  infer([x, table]) {
    const tokens = perExampleOf(x, 'add-per-token input');
    const width = widthOf(x, 'add-per-token input');
    assert(
      rowsOf(table, 'table') === tokens && widthOf(table, 'table') === width,
      'the table must be [n, width]',
    );
    return [float32(perExample(tokens), width)];
  },
  gradient({ builder, outputGradients: [dy], needs }) {
    return [dy, dy && needs(1) ? sumBatch(builder, dy) : undefined];
  },
  onnx({ inputs: [x = '', table = ''], inputTypes: [type], outputs: [out], emit, int64s, byPicture }) {
    const width = widthOf(type, 'add-per-token input');
    const tokens = emit('Reshape', [x, byPicture(perExampleOf(type, 'add-per-token input'), [width])]);
    emit('Reshape', [emit('Add', [tokens, table]), int64s([-1, width])], {}, out);
  },
  tfjs: ({ inputs: [x, table], use }) => `${use('addPerToken')}(${x}, ${table})`,
});

/** x [batch*n, width] + table [n, width]. */
export function addPerToken(builder: GraphBuilder, x: Value, table: Value): Value {
  return builder.one(addPerTokenOp, [x, table]);
}
