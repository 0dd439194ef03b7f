import { assert } from '../assert.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

export const adamwFactorsOp = defineOp({
  name: 'adamw-factors',
  documentation:
    'Scalars that a step of AdamW needs for every parameter, from the learning rate [] and the bias corrections [2] (1 - beta1^t, 1 - beta2^t): the step size, the root of the second correction, and what weight decay leaves of a parameter.',
  attributes: { weightDecay: 'number' },
  precision: 'full',
  infer([rate, corrections]) {
    assert(rate?.shape.length === 0, 'the learning rate is a scalar');
    assert(corrections?.shape[0] === 2, 'there are two bias corrections');
    return [float32(), float32(), float32()];
  },
  gradient: 'an optimizer step is not differentiated',
  onnx({
    inputs: [rate = '', corrections = ''],
    outputs,
    attributes: { weightDecay },
    emit,
    floats,
    int64s,
  }) {
    const [stepSize, root, kept] = outputs;
    const correction = (index: number) =>
      emit('Gather', [corrections, int64s([index], [])], { axis: { int: 0 } });
    emit('Div', [rate, correction(0)], {}, stepSize);
    emit('Sqrt', [correction(1)], {}, root);
    emit('Sub', [floats([1]), emit('Mul', [rate, floats([weightDecay])])], {}, kept);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
