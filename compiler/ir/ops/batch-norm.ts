import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { centredColumns } from './column-statistics.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const batchNormOp = defineOp({
  name: 'batch-norm',
  documentation:
    'Each column of x [batch, width] less its mean over the batch, divided by its biased deviation: batch norm in training, without weight and bias.',
  attributes: { epsilon: 'number' },
  precision: 'full',
  infer([x]) {
    return [float32(perExample(perExampleOf(x, 'batch-norm input')), widthOf(x, 'batch-norm input'))];
  },
  gradient({ builder, inputs: [x], outputGradients: [dy], attributes: { epsilon }, needs }) {
    return [x && dy && needs(0) ? builder.one(batchNormGradientOp, [x, dy], { epsilon }) : undefined];
  },
  onnx({ inputs: [x = ''], outputs: [out], attributes: { epsilon }, emit, floats }) {
    const { centred, variance } = centredColumns(emit, x);
    emit('Div', [centred, emit('Sqrt', [emit('Add', [variance, floats([epsilon])])])], {}, out);
  },
  tfjs({ inputs: [x], attributes: { epsilon }, use }) {
    return `${use('batchNorm')}(${x}, ${epsilon.toExponential()})`;
  },
});

export const batchNormGradientOp = defineOp({
  name: 'batch-norm-gradient',
  documentation:
    '(dy - mean(dy) - y * mean(dy * y)) / deviation, for y = batch-norm(x); the means are over the batch.',
  attributes: { epsilon: 'number' },
  precision: 'full',
  infer: ([x]) => [float32(perExample(perExampleOf(x, 'batch-norm input')), widthOf(x, 'batch-norm input'))],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = '', dy = ''], outputs: [out], attributes: { epsilon }, emit, floats }) {
    const { centred, variance } = centredColumns(emit, x);
    const deviation = emit('Sqrt', [emit('Add', [variance, floats([epsilon])])]);
    const y = emit('Div', [centred, deviation]);
    const mean = (value: string) => emit('ReduceMean', [value], { axes: [0], keepdims: { int: 1 } });
    const along = emit('Mul', [y, mean(emit('Mul', [dy, y]))]);
    emit('Div', [emit('Sub', [emit('Sub', [dy, mean(dy)]), along]), deviation], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [batch, width] → the same, normalised over the batch. */
export function batchNorm(builder: GraphBuilder, x: Value, epsilon: number): Value {
  return builder.one(batchNormOp, [x], { epsilon });
}
