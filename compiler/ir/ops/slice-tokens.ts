import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { padTokens } from './pad-tokens.ts';
import { countOf, rowsLike, rowsOf, widthOf } from './rows.ts';

/** Past the end of any axis. */
const LAST = 2 ** 31 - 1;

export const sliceTokensOp = defineOp({
  name: 'slice-tokens',
  documentation: 'Tokens start..start+count of each picture’s x [batch*n, width], or of a table [n, width].',
  attributes: { start: 'number', count: 'number' },
  precision: 'inherited',
  infer([x], { start, count }) {
    const rows = rowsOf(x, 'slice-tokens input');
    assert(
      start >= 0 && count > 0 && start + count <= countOf(rows),
      `slice ${start}+${count} of ${countOf(rows)}`,
    );
    return [float32(rowsLike(rows, count), widthOf(x, 'slice-tokens input'))];
  },
  gradient({ builder, inputs: [x], attributes: { start, count }, outputGradients: [dy] }) {
    if (!x || !dy) return [];
    return [padTokens(builder, dy, start, countOf(rowsOf(x, 'slice-tokens input')) - start - count)];
  },
  onnx({ inputs: [x = ''], inputTypes: [type], outputs: [out], attributes, emit, int64s, ...context }) {
    const { start, count } = attributes;
    const rows = rowsOf(type, 'slice-tokens input');
    const width = widthOf(type, 'slice-tokens input');
    const range = (axis: number) => [int64s([start]), int64s([start + count]), int64s([axis])];
    if (typeof rows === 'number') {
      emit('Slice', [x, ...range(0)], {}, out);
      return;
    }
    const tokens = emit('Reshape', [x, context.byPicture(rows.perExample, [width])]);
    // What goes on to the last token goes on to the last one there is.
    const isOpen = context.freeSizes && start + count === rows.perExample;
    const ends = isOpen ? [int64s([start]), int64s([LAST]), int64s([1])] : range(1);
    emit('Reshape', [emit('Slice', [tokens, ...ends]), int64s([-1, width])], {}, out);
  },
  tfjs({ inputs: [x], inputTypes: [type], attributes: { start, count }, rowsPerPicture, use }) {
    const batched = typeof rowsOf(type, 'slice-tokens input') !== 'number';
    if (!batched) return `${use('sliceRows')}(${x}, ${start}, ${count})`;
    return `${use('sliceTokens')}(${x}, ${rowsPerPicture(0)}, ${start}, ${rowsPerPicture('result')})`;
  },
});

/** x [batch*n, width] → [batch*count, width], or a table [n, width] → [count, width]. */
export function sliceTokens(builder: GraphBuilder, x: Value, start: number, count: number): Value {
  return builder.one(sliceTokensOp, [x], { start, count });
}
