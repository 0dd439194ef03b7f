import { assert, present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { sameTypes } from './add.ts';
import { type ErrorKind, errorMeasure } from './error-measures.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { perExampleOf, widthOf } from './rows.ts';

export const maskedMeanErrorOp = defineOp({
  name: 'masked-mean-error',
  documentation:
    'Mean of (prediction - target)², or of its absolute value, over each patch’s values, then over the patches whose mask [batch, L] is 1 → [].',
  attributes: { kind: 'string' },
  precision: 'full',
  infer([prediction, target, mask]) {
    const type = sameTypes(
      'masked-mean-error',
      [prediction, target].map((t) => present(t, 'input')),
    );
    assert(mask?.shape[1] === perExampleOf(type, 'prediction'), 'the mask must be [batch, patches]');
    return [float32()];
  },
  gradient({ builder, inputs: [prediction, target, mask], attributes, outputGradients: [dLoss], needs }) {
    if (!prediction || !target || !mask || !dLoss || !needs(0)) return [];
    return [builder.one(maskedMeanErrorGradientOp, [prediction, target, mask, dLoss], attributes)];
  },
  onnx({
    inputs: [prediction = '', target = '', mask = ''],
    inputTypes: [type],
    outputs: [out],
    attributes,
    emit,
    int64s,
  }) {
    const measured = errorMeasure(attributes.kind).onnx(emit, emit('Sub', [prediction, target]));
    const perPatch = emit('ReduceMean', [measured], { axes: [1], keepdims: { int: 0 } });
    const losses = emit('Reshape', [perPatch, int64s([-1, perExampleOf(type, 'prediction')])]);
    const total = (x: string) => emit('ReduceSum', [x], { keepdims: { int: 0 } });
    emit('Div', [total(emit('Mul', [losses, mask])), total(mask)], {}, out);
  },
  tfjs: ({ inputs, attributes: { kind }, use }) =>
    `${use(errorMeasure(kind).maskedMean)}(${inputs.join(', ')})`,
});

export const maskedMeanErrorGradientOp = defineOp({
  name: 'masked-mean-error-gradient',
  documentation:
    'dLoss * mask / (values * sum of the mask) times the slope of the measure at prediction - target.',
  attributes: { kind: 'string' },
  precision: 'full',
  infer: ([prediction]) => [present(prediction, 'prediction')],
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, inputTypes: [type], outputs: [out], attributes, emit, int64s, floats }) {
    const [prediction = '', target = '', mask = '', dLoss = ''] = inputs;
    const { slope, factor } = errorMeasure(attributes.kind);
    const count = emit('ReduceSum', [mask], { keepdims: { int: 0 } });
    const share = floats([factor / widthOf(type, 'prediction')]);
    const scale = emit('Div', [emit('Mul', [dLoss, share]), count]);
    const weights = emit('Mul', [emit('Reshape', [mask, int64s([-1, 1])]), scale]);
    emit('Mul', [slope(emit, emit('Sub', [prediction, target])), weights], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** prediction and target [batch*L, values], mask [batch, L] → scalar. */
export function maskedMeanError(
  builder: GraphBuilder,
  prediction: Value,
  target: Value,
  mask: Value,
  kind: ErrorKind,
): Value {
  return builder.one(maskedMeanErrorOp, [prediction, target, mask], { kind });
}
