import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, type TensorType } from '../shape.ts';
import { centredColumns } from './column-statistics.ts';
import { widthOf } from './rows.ts';

const NOT_TRAINED = 'statistics are not trained';

function sameWidth([running, x]: readonly TensorType[]): TensorType[] {
  const width = widthOf(x, 'input of running statistics');
  assert(running?.shape.length === 1 && running.shape[0] === width, 'running statistics must be [width]');
  return [float32(width)];
}

export const runningMeanOp = defineOp({
  name: 'running-mean',
  documentation: '(1 - momentum) * running + momentum * mean over the batch of x [batch, width] → [width].',
  attributes: { momentum: 'number' },
  precision: 'full',
  infer: sameWidth,
  gradient: NOT_TRAINED,
  onnx({ inputs: [running = '', x = ''], outputs: [out], attributes: { momentum }, emit, floats }) {
    const mean = emit('ReduceMean', [x], { axes: [0], keepdims: { int: 0 } });
    const kept = emit('Mul', [running, floats([1 - momentum])]);
    emit('Add', [kept, emit('Mul', [mean, floats([momentum])])], {}, out);
  },
  tfjs({ inputs: [running, x], attributes: { momentum }, use }) {
    return `${use('runningMean')}(${running}, ${x}, ${momentum})`;
  },
});

export const runningVarianceOp = defineOp({
  name: 'running-variance',
  documentation:
    '(1 - momentum) * running + momentum * unbiased variance over the batch of x [batch, width] → [width].',
  attributes: { momentum: 'number' },
  precision: 'full',
  infer: sameWidth,
  gradient: NOT_TRAINED,
  onnx({
    inputs: [running = '', x = ''],
    outputs: [out],
    attributes: { momentum },
    emit,
    floats,
    ...context
  }) {
    const { variance } = centredColumns(emit, x);
    // n / (n - 1) = 1 / (1 - 1 / n)
    const unbiased = emit('Div', [variance, emit('Sub', [floats([1]), context.batchReciprocal()])]);
    const flat = emit('Reshape', [unbiased, context.int64s([-1])]);
    const kept = emit('Mul', [running, floats([1 - momentum])]);
    emit('Add', [kept, emit('Mul', [flat, floats([momentum])])], {}, out);
  },
  tfjs({ inputs: [running, x], attributes: { momentum }, use }) {
    return `${use('runningVariance')}(${running}, ${x}, ${momentum})`;
  },
});

/** The running mean [width] after a batch x [batch, width]. */
export function runningMean(builder: GraphBuilder, running: Value, x: Value, momentum: number): Value {
  return builder.one(runningMeanOp, [running, x], { momentum });
}

/** The running unbiased variance [width] after a batch x [batch, width]. */
export function runningVariance(builder: GraphBuilder, running: Value, x: Value, momentum: number): Value {
  return builder.one(runningVarianceOp, [running, x], { momentum });
}
