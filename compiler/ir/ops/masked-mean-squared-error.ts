import { assert, present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { sameTypes } from './add.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const maskedMeanSquaredErrorOp = defineOp({
  name: 'masked-mean-squared-error',
  documentation:
    'Mean of (prediction - target)² over each patch’s values, then over the patches whose mask [batch, L] is 1 → [].',
  attributes: {},
  infer([prediction, target, mask]) {
    const type = sameTypes(
      'masked-mean-squared-error',
      [prediction, target].map((t) => present(t, 'input')),
    );
    assert(mask?.shape[1] === perExampleOf(type, 'prediction'), 'the mask must be [batch, patches]');
    return [float32()];
  },
  gradient({ builder, inputs: [prediction, target, mask], outputGradients: [dLoss], needs }) {
    if (!prediction || !target || !mask || !dLoss || !needs(0)) return [];
    return [builder.one(maskedMeanSquaredErrorGradientOp, [prediction, target, mask, dLoss])];
  },
  onnx({
    inputs: [prediction = '', target = '', mask = ''],
    inputTypes: [type],
    outputs: [out],
    emit,
    int64s,
  }) {
    const difference = emit('Sub', [prediction, target]);
    const perPatch = emit('ReduceMean', [emit('Mul', [difference, difference])], {
      axes: [1],
      keepdims: { int: 0 },
    });
    const losses = emit('Reshape', [perPatch, int64s([-1, perExampleOf(type, 'prediction')])]);
    const total = (x: string) => emit('ReduceSum', [x], { keepdims: { int: 0 } });
    emit('Div', [total(emit('Mul', [losses, mask])), total(mask)], {}, out);
  },
  tfjs: ({ inputs, use }) => `${use('maskedMeanSquaredError')}(${inputs.join(', ')})`,
});

export const maskedMeanSquaredErrorGradientOp = defineOp({
  name: 'masked-mean-squared-error-gradient',
  documentation: '2 * dLoss * (prediction - target) * mask / (values * sum of the mask).',
  attributes: {},
  infer: ([prediction]) => [present(prediction, 'prediction')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, inputTypes: [type], outputs: [out], emit, int64s, floats }) {
    const [prediction = '', target = '', mask = '', dLoss = ''] = inputs;
    const count = emit('ReduceSum', [mask], { keepdims: { int: 0 } });
    const factor = floats([2 / widthOf(type, 'prediction')]);
    const scale = emit('Div', [emit('Mul', [dLoss, factor]), count]);
    const weights = emit('Mul', [emit('Reshape', [mask, int64s([-1, 1])]), scale]);
    emit('Mul', [emit('Sub', [prediction, target]), weights], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** prediction and target [batch*L, values], mask [batch, L] → scalar. */
export function maskedMeanSquaredError(
  builder: GraphBuilder,
  prediction: Value,
  target: Value,
  mask: Value,
): Value {
  return builder.one(maskedMeanSquaredErrorOp, [prediction, target, mask]);
}
