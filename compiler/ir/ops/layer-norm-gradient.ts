import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { rowsOf, widthOf } from './rows.ts';

export const normalizeOp = defineOp({
  name: 'normalize',
  documentation:
    '(x - mean) * inverse of each row of x [rows, width]: layer norm’s normalised value, rebuilt.',
  attributes: {},
  precision: 'full',
  infer: ([x]) => [float32(rowsOf(x, 'normalize input'), widthOf(x, 'normalize input'))],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = '', mean = '', inverse = ''], outputs: [out], emit }) {
    emit('Mul', [emit('Sub', [x, mean]), inverse], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [rows, width], mean and inverse [rows, 1] → [rows, width]. */
export function normalize(builder: GraphBuilder, x: Value, mean: Value, inverse: Value): Value {
  return builder.one(normalizeOp, [x, mean, inverse]);
}

export const layerNormGradientOp = defineOp({
  name: 'layer-norm-gradient',
  documentation:
    'd loss / d x of layer norm from dy, dy * normalised, normalised [rows, width], weight [width] and the inverse deviations [rows, 1].',
  attributes: {},
  precision: 'full',
  infer: ([dy]) => [float32(rowsOf(dy, 'layer-norm gradient'), widthOf(dy, 'layer-norm gradient'))],
  gradient: FIRST_DERIVATIVES_ONLY,
  // dx = inverse * (dy*w - mean(dy*w) - normalised * mean(dy*w*normalised)); the two means are matrix-vector products.
  onnx({ inputs, inputTypes: [type], outputs: [out], emit, int64s }) {
    const [dy = '', product = '', normalized = '', weight = '', inverse = ''] = inputs;
    const width = widthOf(type, 'layer-norm gradient');
    const column = emit('Reshape', [weight, int64s([width, 1])]);
    const meanGradient = emit('Gemm', [dy, column], { alpha: 1 / width });
    const meanProduct = emit('Gemm', [product, column], { alpha: 1 / width });
    const scaled = emit('Mul', [dy, weight]);
    const along = emit('Mul', [normalized, meanProduct]);
    const centred = emit('Sub', [emit('Sub', [scaled, meanGradient]), along]);
    emit('Mul', [centred, inverse], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

interface LayerNormGradientInputs {
  readonly dy: Value;
  /** dy * normalised. */
  readonly product: Value;
  readonly normalized: Value;
  readonly weight: Value;
  readonly inverse: Value;
}

export function layerNormGradient(builder: GraphBuilder, inputs: LayerNormGradientInputs): Value {
  const { dy, product, normalized, weight, inverse } = inputs;
  return builder.one(layerNormGradientOp, [dy, product, normalized, weight, inverse]);
}
