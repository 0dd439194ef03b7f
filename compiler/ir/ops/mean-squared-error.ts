import { present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { elementsPerExample, float32 } from '../shape.ts';
import { sameTypes } from './add.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const meanSquaredErrorOp = defineOp({
  name: 'mean-squared-error',
  documentation: 'The mean of (prediction - target)² over everything → []. Also yields the difference.',
  attributes: {},
  infer: (inputs) => [float32(), sameTypes('mean-squared-error', inputs)],
  gradient({ builder, outputs: [, difference], outputGradients: [dLoss], needs }) {
    if (!difference || !dLoss || !needs(0)) return [];
    return [builder.one(meanSquaredErrorGradientOp, [difference, dLoss])];
  },
  onnx({ inputs, outputs: [loss, difference], emit }) {
    const d = emit('Sub', inputs, {}, difference);
    emit('ReduceMean', [emit('Mul', [d, d])], { keepdims: { int: 0 } }, loss);
  },
  tfjs: ({ inputs: [prediction, target], use }) => `${use('meanSquaredError')}(${prediction}, ${target})`,
});

export const meanSquaredErrorGradientOp = defineOp({
  name: 'mean-squared-error-gradient',
  documentation: '2 * dLoss * difference / count, where the count is of all elements of the batch.',
  attributes: {},
  infer: ([difference]) => [present(difference, 'difference')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({
    inputs: [difference = '', dLoss = ''],
    inputTypes: [type],
    outputs: [out],
    emit,
    floats,
    batchReciprocal,
  }) {
    const factor = floats([2 / elementsPerExample(type?.shape ?? [])]);
    const scale = emit('Mul', [emit('Mul', [dLoss, batchReciprocal()]), factor]);
    emit('Mul', [difference, scale], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** prediction and target [rows, values] → scalar. The target has no gradient. */
export function meanSquaredError(builder: GraphBuilder, prediction: Value, target: Value): Value {
  return builder.one(meanSquaredErrorOp, [prediction, target]);
}
