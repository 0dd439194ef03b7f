import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type Op } from '../op.ts';
import { float32 } from '../shape.ts';
import { rowsOf, widthOf } from './rows.ts';

export const gatherRowsOp: Op = defineOp({
  name: 'gather-rows',
  documentation:
    'Rows of x [rows, width] by flat row numbers, no row twice. The optional third input is the inverse index: for each row of x where it went, one past the end where nowhere. With zeroRow, one past the end of x reads a row of zeros.',
  attributes: { zeroRow: 'boolean' },
  precision: 'inherited',
  infer([x, index, inverse]) {
    assert(index?.type === 'int32' && index.shape.length === 1, 'row numbers are a list of int32');
    assert(inverse === undefined || inverse.type === 'int32', 'inverse row numbers are int32');
    return [float32(rowsOf(index, 'row numbers'), widthOf(x, 'gather-rows input'))];
  },
  // The gradient of a gather is a gather by the inverse index, into a table with one more row of zeros: no scatter.
  gradient({ builder, inputs: [, , inverse], attributes: { zeroRow }, outputGradients: [dy], needs }) {
    if (!dy || !needs(0)) return [];
    assert(inverse !== undefined && !zeroRow, 'the gradient of gather-rows needs the inverse index');
    return [builder.one(gatherRowsOp, [dy, inverse], { zeroRow: true })];
  },
  onnx({
    inputs: [x = '', index = ''],
    inputTypes: [type],
    outputs: [out],
    attributes: { zeroRow },
    emit,
    floats,
  }) {
    const width = widthOf(type, 'gather-rows input');
    const zeros = () => floats(new Array<number>(width).fill(0), [1, width]);
    const table = zeroRow ? emit('Concat', [x, zeros()], { axis: { int: 0 } }) : x;
    emit('Gather', [table, index], { axis: { int: 0 } }, out);
  },
  tfjs({ inputs: [x, index, inverse], attributes: { zeroRow }, use }) {
    if (zeroRow) return `${use('gatherRowsOrZero')}(${x}, ${index})`;
    return `${use('gatherRows')}(${x}, ${index}${inverse === undefined ? '' : `, ${inverse}`})`;
  },
});

/** x [rows, width] and index [picked] → [picked, width]. `inverse` [rows] is needed where x has a gradient. */
export function gatherRows(builder: GraphBuilder, x: Value, index: Value, inverse?: Value): Value {
  return builder.one(gatherRowsOp, inverse ? [x, index, inverse] : [x, index], { zeroRow: false });
}

/** As `gatherRows`; a number one past the end of x reads zeros. */
export function gatherRowsOrZero(builder: GraphBuilder, x: Value, index: Value): Value {
  return builder.one(gatherRowsOp, [x, index], { zeroRow: true });
}
