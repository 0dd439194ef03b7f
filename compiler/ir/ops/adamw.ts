import { assert, present } from '../assert.ts';
import { defineOp } from '../op.ts';
import { sameShape } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

/** Decoupled weight decay, Loshchilov and Hutter 2019, in the order of operations of torch.optim.AdamW. */
export const adamwOp = defineOp({
  name: 'adamw',
  documentation:
    'Next parameter, first and second moment from parameter, gradient, moments, the learning rate [] and the bias corrections [2] (1 - beta1^t, 1 - beta2^t).',
  attributes: { beta1: 'number', beta2: 'number', epsilon: 'number', weightDecay: 'number' },
  infer([parameter, gradient, first, second]) {
    const type = present(parameter, 'parameter');
    for (const other of [gradient, first, second]) {
      assert(
        other !== undefined && sameShape(other.shape, type.shape),
        'adamw takes four tensors of one shape',
      );
    }
    return [type, type, type];
  },
  gradient: 'an optimizer step is not differentiated',
  onnx({ inputs, outputs: [next, nextFirst, nextSecond], attributes, emit, floats, int64s }) {
    const [parameter = '', gradient = '', first = '', second = '', rate = '', corrections = ''] = inputs;
    const { beta1, beta2, epsilon, weightDecay } = attributes;
    const blend = (old: string, fresh: string, beta: number, output: string | undefined) =>
      emit('Add', [emit('Mul', [old, floats([beta])]), emit('Mul', [fresh, floats([1 - beta])])], {}, output);
    const m = blend(first, gradient, beta1, nextFirst);
    const v = blend(second, emit('Mul', [gradient, gradient]), beta2, nextSecond);
    const correction = (index: number) =>
      emit('Gather', [corrections, int64s([index], [])], { axis: { int: 0 } });
    const root = emit('Div', [emit('Sqrt', [v]), emit('Sqrt', [correction(1)])]);
    const stepSize = emit('Div', [rate, correction(0)]);
    const update = emit('Div', [emit('Mul', [m, stepSize]), emit('Add', [root, floats([epsilon])])]);
    const kept = emit('Sub', [floats([1]), emit('Mul', [rate, floats([weightDecay])])]);
    emit('Sub', [weightDecay === 0 ? parameter : emit('Mul', [parameter, kept]), update], {}, next);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
