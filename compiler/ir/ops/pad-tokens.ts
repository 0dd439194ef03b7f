import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { countOf, rowsLike, rowsOf, widthOf } from './rows.ts';

export const padTokensOp = defineOp({
  name: 'pad-tokens',
  documentation:
    'Rows of zeros before and after each picture’s x [batch*n, width], or a table’s: the gradient of a slice.',
  attributes: { before: 'number', after: 'number' },
  precision: 'inherited',
  infer([x], { before, after }) {
    const rows = rowsOf(x, 'pad-tokens input');
    return [float32(rowsLike(rows, before + countOf(rows) + after), widthOf(x, 'pad-tokens input'))];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({
    inputs: [x = ''],
    inputTypes: [type],
    outputs: [out],
    attributes: { before, after },
    emit,
    int64s,
  }) {
    const rows = rowsOf(type, 'pad-tokens input');
    const width = widthOf(type, 'pad-tokens input');
    if (typeof rows === 'number') {
      emit('Pad', [x, int64s([before, 0, after, 0])], {}, out);
      return;
    }
    const tokens = emit('Reshape', [x, int64s([-1, rows.perExample, width])]);
    const padded = emit('Pad', [tokens, int64s([0, before, 0, 0, after, 0])]);
    emit('Reshape', [padded, int64s([-1, width])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [batch*n, width] → [batch*(before+n+after), width]. */
export function padTokens(builder: GraphBuilder, x: Value, before: number, after: number): Value {
  return builder.one(padTokensOp, [x], { before, after });
}
