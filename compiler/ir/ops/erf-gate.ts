import { present } from '../assert.ts';
import { defineOp } from '../op.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

/**
 * GELU with its constants moved into the linears around it: with u = x / sqrt 2, gelu(x) = u * (1 + erf u) / sqrt 2. The pass
 * `fold-gelu` makes it; both factors become the alpha of a matrix product, which costs nothing.
 */
export const erfGateOp = defineOp({
  name: 'erf-gate',
  documentation: 'u * (1 + erf u), element by element. Also yields the gate 1 + erf u.',
  attributes: {},
  precision: 'full',
  infer: ([u]) => [present(u, 'erf-gate input'), present(u, 'erf-gate input')],
  gradient({ builder, inputs: [u], outputs: [, gate], outputGradients: [dy] }) {
    return u && gate && dy ? [builder.one(erfGateGradientOp, [u, gate, dy])] : [];
  },
  onnx({ inputs: [u = ''], outputs: [out, gate], emit, floats }) {
    emit('Mul', [u, emit('Add', [emit('Erf', [u]), floats([1])], {}, gate)], {}, out);
  },
  tfjs: 'it appears in compiled training steps only',
});

export const erfGateGradientOp = defineOp({
  name: 'erf-gate-gradient',
  documentation: 'dy * (gate + 2 / sqrt(pi) * u / exp(u * u)).',
  attributes: {},
  precision: 'full',
  infer: ([u]) => [present(u, 'erf-gate input')],
  gradient: FIRST_DERIVATIVES_ONLY,
  // Where exp overflows the quotient is zero, as it should be: no NaN.
  onnx({ inputs: [u = '', gate = '', dy = ''], outputs: [out], emit, floats }) {
    const density = emit('Div', [u, emit('Exp', [emit('Mul', [u, u])])]);
    const slope = emit('Add', [gate, emit('Mul', [density, floats([2 / Math.sqrt(Math.PI)])])]);
    emit('Mul', [dy, slope], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
