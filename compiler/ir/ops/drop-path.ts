import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type Op } from '../op.ts';
import { float32 } from '../shape.ts';
import { perExampleOf, rowsOf, widthOf } from './rows.ts';

export const dropPathOp: Op = defineOp({
  name: 'drop-path',
  documentation:
    'All tokens of a picture, x [batch*n, width], times the picture’s factor [batch, 1], which is 0 where its branch is left out.',
  attributes: {},
  precision: 'full',
  infer([x, factors]) {
    assert(
      perExampleOf(factors, 'factors') === 1 && factors?.shape[1] === 1,
      'the factors must be [batch, 1]',
    );
    perExampleOf(x, 'drop-path input');
    return [float32(rowsOf(x, 'drop-path input'), widthOf(x, 'drop-path input'))];
  },
  // The factors are drawn by the runtime; they have no gradient.
  gradient({ builder, inputs: [, factors], outputGradients: [dy], needs }) {
    return [factors && dy && needs(0) ? dropPath(builder, dy, factors) : undefined];
  },
  onnx({ inputs: [x = '', factors = ''], inputTypes: [type], outputs: [out], emit, int64s }) {
    const width = widthOf(type, 'drop-path input');
    const pictures = emit('Reshape', [x, int64s([-1, perExampleOf(type, 'drop-path input') * width])]);
    emit('Reshape', [emit('Mul', [pictures, factors]), int64s([-1, width])], {}, out);
  },
  tfjs({ inputs: [x, factors], rowsPerPicture, use }) {
    return `${use('dropPath')}(${x}, ${factors}, ${rowsPerPicture(0)})`;
  },
});

/** x [batch*n, width] times factors [batch, 1]. */
export function dropPath(builder: GraphBuilder, x: Value, factors: Value): Value {
  return builder.one(dropPathOp, [x, factors]);
}
