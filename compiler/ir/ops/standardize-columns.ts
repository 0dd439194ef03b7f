import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { rowsOf, widthOf } from './rows.ts';

export const standardizeColumnsOp = defineOp({
  name: 'standardize-columns',
  documentation:
    '(x - mean) / sqrt(variance + epsilon), column by column: x [rows, width], mean and variance [width]: batch norm in use.',
  attributes: { epsilon: 'number' },
  precision: 'full',
  infer([x, mean, variance]) {
    const width = widthOf(x, 'standardize-columns input');
    assert(
      mean?.shape[0] === width && variance?.shape[0] === width,
      'standardize-columns takes a mean and a variance [width]',
    );
    return [float32(rowsOf(x, 'standardize-columns input'), width)];
  },
  gradient: 'it is in no graph that is trained',
  onnx({
    inputs: [x = '', mean = '', variance = ''],
    outputs: [out],
    attributes: { epsilon },
    emit,
    floats,
  }) {
    const deviation = emit('Sqrt', [emit('Add', [variance, floats([epsilon])])]);
    emit('Div', [emit('Sub', [x, mean]), deviation], {}, out);
  },
  tfjs({ inputs: [x, mean, variance], attributes: { epsilon }, use }) {
    return `${use('standardizeColumns')}(${x}, ${mean}, ${variance}, ${epsilon.toExponential()})`;
  },
});

/** x [rows, width], mean and variance [width] → [rows, width]. */
export function standardizeColumns(
  builder: GraphBuilder,
  x: Value,
  statistics: { readonly mean: Value; readonly variance: Value },
  epsilon: number,
): Value {
  return builder.one(standardizeColumnsOp, [x, statistics.mean, statistics.variance], { epsilon });
}
