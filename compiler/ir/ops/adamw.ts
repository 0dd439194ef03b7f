import { assert, present } from '../assert.ts';
import { defineOp } from '../op.ts';
import { sameShape } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

/**
 * Decoupled weight decay, Loshchilov and Hutter 2019, in the order of operations of torch.optim.AdamW. What is the same for all
 * parameters comes from `adamw-factors`.
 */
export const adamwOp = defineOp({
  name: 'adamw',
  documentation:
    'Next parameter, first and second moment from parameter, gradient, moments, and the three scalars of adamw-factors; the last of them is left out for parameters without weight decay.',
  attributes: { beta1: 'number', beta2: 'number', epsilon: 'number' },
  precision: 'full',
  infer([parameter, gradient, first, second, stepSize, root]) {
    const type = present(parameter, 'parameter');
    for (const other of [gradient, first, second]) {
      assert(
        other !== undefined && sameShape(other.shape, type.shape),
        'adamw takes four tensors of one shape',
      );
    }
    assert(stepSize?.shape.length === 0 && root?.shape.length === 0, 'adamw takes scalars of adamw-factors');
    return [type, type, type];
  },
  gradient: 'an optimizer step is not differentiated',
  onnx({ inputs, outputs: [next, nextFirst, nextSecond], attributes, emit, floats }) {
    const [parameter = '', gradient = '', first = '', second = '', stepSize = '', root = '', kept] = inputs;
    const { beta1, beta2, epsilon } = attributes;
    const blend = (old: string, fresh: string, beta: number, output: string | undefined) =>
      emit('Add', [emit('Mul', [old, floats([beta])]), emit('Mul', [fresh, floats([1 - beta])])], {}, output);
    const m = blend(first, gradient, beta1, nextFirst);
    const v = blend(second, emit('Mul', [gradient, gradient]), beta2, nextSecond);
    const scale = emit('Add', [emit('Div', [emit('Sqrt', [v]), root]), floats([epsilon])]);
    const update = emit('Div', [emit('Mul', [m, stepSize]), scale]);
    emit('Sub', [kept === undefined ? parameter : emit('Mul', [parameter, kept]), update], {}, next);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
