import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { layerNormGradient, normalize } from './layer-norm-gradient.ts';
import { multiply } from './multiply.ts';
import { rowsOf, widthOf } from './rows.ts';
import { sumRows } from './sum-rows.ts';

export const layerNormOp = defineOp({
  name: 'layer-norm',
  documentation:
    'Each row of x [rows, width] normalised, times weight plus bias [width]. Also yields the rows’ means and inverse deviations [rows, 1].',
  attributes: { epsilon: 'number' },
  precision: 'full',
  infer([x, weight, bias]) {
    const width = widthOf(x, 'layer-norm input');
    const rows = rowsOf(x, 'layer-norm input');
    assert(
      weight?.shape[0] === width && bias?.shape[0] === width,
      'layer-norm weight and bias must be [width]',
    );
    return [float32(rows, width), float32(rows, 1), float32(rows, 1)];
  },
  gradient({ builder, inputs: [x, weight], outputs: [, mean, inverse], outputGradients: [dy], needs }) {
    if (!x || !weight || !mean || !inverse || !dy) return [];
    const normalized = normalize(builder, x, mean, inverse);
    const product = multiply(builder, dy, normalized);
    return [
      needs(0) ? layerNormGradient(builder, { dy, product, normalized, weight, inverse }) : undefined,
      needs(1) ? sumRows(builder, product) : undefined,
      needs(2) ? sumRows(builder, dy) : undefined,
    ];
  },
  onnx({ inputs, outputs, attributes: { epsilon }, emitMany }) {
    emitMany('LayerNormalization', inputs, outputs, { axis: { int: -1 }, epsilon });
  },
  tfjs({ inputs: [x, weight, bias], attributes: { epsilon }, use }) {
    return `${use('layerNorm')}(${x}, ${weight}, ${bias}, ${epsilon.toExponential()})`;
  },
});

/** x [rows, width] → [rows, width]. */
export function layerNorm(
  builder: GraphBuilder,
  x: Value,
  weight: Value,
  bias: Value,
  epsilon: number,
): Value {
  return builder.one(layerNormOp, [x, weight, bias], { epsilon });
}
