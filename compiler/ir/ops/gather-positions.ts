import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { gatherRowsOrZero } from './gather-rows.ts';
import { rowsOf, widthOf } from './rows.ts';
import { sumBatch } from './sum-batch.ts';

export const gatherPositionsOp = defineOp({
  name: 'gather-positions',
  documentation:
    'Rows of a position table [n, width] by token numbers [batch*k], no number twice within a picture. The third input, needed where the table is trained, says for each of the batch*n tokens where it went.',
  attributes: {},
  precision: 'inherited',
  infer([table, index, inverse]) {
    assert(typeof table?.shape[0] === 'number', 'a position table has no batch');
    assert(
      index?.type === 'int32' && (inverse === undefined || inverse.type === 'int32'),
      'token numbers are int32',
    );
    return [float32(rowsOf(index, 'token numbers'), widthOf(table, 'position table'))];
  },
  gradient({ builder, inputs: [, , inverse], outputGradients: [dy], needs }) {
    if (!dy || !needs(0)) return [];
    assert(inverse !== undefined, 'a trained position table needs the inverse index');
    return [sumBatch(builder, gatherRowsOrZero(builder, dy, inverse))];
  },
  onnx({ inputs: [table = '', index = ''], outputs: [out], emit }) {
    emit('Gather', [table, index], { axis: { int: 0 } }, out);
  },
  tfjs({ inputs: [table, index, inverse], use }) {
    return `${use('gatherPositions')}(${table}, ${index}${inverse === undefined ? '' : `, ${inverse}`})`;
  },
});

/** table [n, width] and index [batch*k] → [batch*k, width]. */
export function gatherPositions(builder: GraphBuilder, table: Value, index: Value, inverse?: Value): Value {
  return builder.one(gatherPositionsOp, inverse ? [table, index, inverse] : [table, index]);
}
