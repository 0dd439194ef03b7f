import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { rowsOf, widthOf } from './rows.ts';

export const normalizePatchesOp = defineOp({
  name: 'normalize-patches',
  documentation: 'Each patch (row) less its mean, over the root of its unbiased variance plus epsilon.',
  attributes: { epsilon: 'number' },
  precision: 'full',
  infer: ([x]) => [float32(rowsOf(x, 'patches'), widthOf(x, 'patches'))],
  gradient: 'it makes targets from pictures, which are not trained',
  onnx({ inputs: [x = ''], inputTypes: [type], outputs: [out], attributes: { epsilon }, emit, floats }) {
    const width = widthOf(type, 'patches');
    const mean = (values: string) => emit('ReduceMean', [values], { axes: [-1], keepdims: { int: 1 } });
    const centred = emit('Sub', [x, mean(x)]);
    const variance = emit('Mul', [
      mean(emit('Mul', [centred, centred])),
      floats([width / Math.max(width - 1, 1)]),
    ]);
    emit('Div', [centred, emit('Sqrt', [emit('Add', [variance, floats([epsilon])])])], {}, out);
  },
  tfjs: ({ inputs: [x], attributes: { epsilon }, use }) =>
    `${use('normalizePatches')}(${x}, ${epsilon.toExponential()})`,
});

/** patches [rows, values] → [rows, values]. */
export function normalizePatches(builder: GraphBuilder, x: Value, epsilon: number): Value {
  return builder.one(normalizePatchesOp, [x], { epsilon });
}
