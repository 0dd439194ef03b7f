import { assert, present } from '../assert.ts';
import { defineOp } from '../op.ts';
import { sameShape } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';

/**
 * Says when something is computed, not what: all that is computed from its result waits for `until`, and is no repetition of
 * what was computed from x itself, so that neither this compiler nor ONNX Runtime merges the two.
 */
export const afterOp = defineOp({
  name: 'after',
  documentation: 'x as it is, once `until`, of the same shape, has been computed.',
  attributes: {},
  precision: 'inherited',
  infer([x, until]) {
    assert(until !== undefined, 'after waits for something');
    return [present(x, 'after input')];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  // Of `until` only the shape is read: nothing is copied or computed, and its numbers may be anything.
  onnx({ inputs: [x = '', until = ''], inputTypes: [type, other], outputs: [out], emit, int64s }) {
    const shape = emit('Shape', [until]);
    if (type && other && sameShape(type.shape, other.shape)) {
      emit('Reshape', [x, shape], {}, out);
      return;
    }
    // Nothing of its shape, behind the own one.
    const nothing = emit('Slice', [shape, int64s([0]), int64s([0])]);
    emit('Reshape', [x, emit('Concat', [emit('Shape', [x]), nothing], { axis: { int: 0 } })], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
