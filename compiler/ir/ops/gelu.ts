import { present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const geluOp = defineOp({
  name: 'gelu',
  documentation: 'Exact GELU: x * (1 + erf(x / sqrt 2)) / 2, element by element.',
  attributes: {},
  precision: 'full',
  infer: ([x]) => [present(x, 'gelu input')],
  gradient({ builder, inputs: [x], outputGradients: [dy] }) {
    return x && dy ? [builder.one(geluGradientOp, [x, dy])] : [];
  },
  // The very pattern that ONNX Runtime fuses into one kernel.
  onnx({ inputs: [x = ''], outputs: [out], emit, floats }) {
    const gate = emit('Add', [emit('Erf', [emit('Div', [x, floats([Math.SQRT2])])]), floats([1])]);
    emit('Mul', [emit('Mul', [x, gate]), floats([0.5])], {}, out);
  },
  tfjs: ({ inputs: [x], use }) => `${use('gelu')}(${x})`,
});

export const geluGradientOp = defineOp({
  name: 'gelu-gradient',
  documentation: 'dy * ((1 + erf(x / sqrt 2)) / 2 + x * exp(-x * x / 2) / sqrt(2 pi)).',
  attributes: {},
  precision: 'full',
  infer: ([x]) => [present(x, 'gelu input')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = '', dy = ''], outputs: [out], emit, floats }) {
    const gate = emit('Add', [emit('Erf', [emit('Mul', [x, floats([Math.SQRT1_2])])]), floats([1])]);
    const half = emit('Mul', [gate, floats([0.5])]);
    // x / exp(x²/2) goes to zero where exp overflows; x * exp(-x²/2) would be as good but for a denormal range.
    const density = emit('Div', [x, emit('Exp', [emit('Mul', [emit('Mul', [x, x]), floats([0.5])])])]);
    const slope = emit('Add', [half, emit('Mul', [density, floats([1 / Math.sqrt(2 * Math.PI)])])]);
    emit('Mul', [dy, slope], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** Exact GELU of any shape. */
export function gelu(builder: GraphBuilder, x: Value): Value {
  return builder.one(geluOp, [x]);
}
