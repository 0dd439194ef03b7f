import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type Op } from '../op.ts';
import { float32 } from '../shape.ts';
import { multiply } from './multiply.ts';
import { rowsOf, widthOf } from './rows.ts';
import { sumRows } from './sum-rows.ts';

export const scaleColumnsOp: Op = defineOp({
  name: 'scale-columns',
  documentation: 'Each channel of x [rows, width] times its own factor [width]: layer scale.',
  attributes: {},
  precision: 'inherited',
  infer([x, factors]) {
    const width = widthOf(x, 'scale-columns input');
    assert(factors?.shape.length === 1 && factors.shape[0] === width, 'the factors must be [width]');
    return [float32(rowsOf(x, 'scale-columns input'), width)];
  },
  gradient({ builder, inputs: [x, factors], outputGradients: [dy], needs }) {
    if (!x || !factors || !dy) return [];
    return [
      needs(0) ? scaleColumns(builder, dy, factors) : undefined,
      needs(1) ? sumRows(builder, multiply(builder, dy, x)) : undefined,
    ];
  },
  onnx({ inputs, outputs, emit }) {
    emit('Mul', inputs, {}, outputs[0]);
  },
  tfjs: ({ inputs: [x, factors], use }) => `${use('scaleColumns')}(${x}, ${factors})`,
});

/** x [rows, width] times factors [width]. */
export function scaleColumns(builder: GraphBuilder, x: Value, factors: Value): Value {
  return builder.one(scaleColumnsOp, [x, factors]);
}
