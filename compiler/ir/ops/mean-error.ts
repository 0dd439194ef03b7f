import { present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { elementsPerExample, float32 } from '../shape.ts';
import { sameTypes } from './add.ts';
import { type ErrorKind, errorMeasure } from './error-measures.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const meanErrorOp = defineOp({
  name: 'mean-error',
  documentation:
    'The mean over everything of (prediction - target)², or of its absolute value → []. Also yields the difference.',
  attributes: { kind: 'string' },
  precision: 'full',
  infer: (inputs) => [float32(), sameTypes('mean-error', inputs)],
  gradient({ builder, outputs: [, difference], attributes, outputGradients: [dLoss], needs }) {
    if (!difference || !dLoss || !needs(0)) return [];
    return [builder.one(meanErrorGradientOp, [difference, dLoss], attributes)];
  },
  onnx({ inputs, outputs: [loss, difference], attributes: { kind }, emit }) {
    const d = emit('Sub', inputs, {}, difference);
    emit('ReduceMean', [errorMeasure(kind).onnx(emit, d)], { keepdims: { int: 0 } }, loss);
  },
  tfjs: ({ inputs: [prediction, target], attributes: { kind }, use }) =>
    `${use(errorMeasure(kind).mean)}(${prediction}, ${target})`,
});

export const meanErrorGradientOp = defineOp({
  name: 'mean-error-gradient',
  documentation:
    'dLoss / count times the slope of the measure at the difference, where the count is of all elements of the batch.',
  attributes: { kind: 'string' },
  precision: 'full',
  infer: ([difference]) => [present(difference, 'difference')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({
    inputs: [difference = '', dLoss = ''],
    inputTypes: [type],
    outputs: [out],
    attributes,
    emit,
    floats,
    batchReciprocal,
  }) {
    const { slope, factor } = errorMeasure(attributes.kind);
    const share = floats([factor / elementsPerExample(type?.shape ?? [])]);
    const scale = emit('Mul', [emit('Mul', [dLoss, batchReciprocal()]), share]);
    emit('Mul', [slope(emit, difference), scale], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** prediction and target [rows, values] → scalar. The target has no gradient. */
export function meanError(builder: GraphBuilder, prediction: Value, target: Value, kind: ErrorKind): Value {
  return builder.one(meanErrorOp, [prediction, target], { kind });
}
