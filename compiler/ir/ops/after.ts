import { assert, present } from '../assert.ts';
import { defineOp } from '../op.ts';
import { formatShape, sameShape } from '../shape.ts';
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
    const type = present(x, 'after input');
    assert(
      until !== undefined && sameShape(type.shape, until.shape),
      `after: ${formatShape(type.shape)} cannot wait for ${until ? formatShape(until.shape) : 'nothing'}`,
    );
    return [type];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  // Of `until` only the shape is read: nothing is copied or computed, and its numbers may be anything.
  onnx({ inputs: [x = '', until = ''], outputs: [out], emit }) {
    emit('Reshape', [x, emit('Shape', [until])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});
