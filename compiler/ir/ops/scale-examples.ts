import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type Op } from '../op.ts';
import { float32 } from '../shape.ts';
import { perExampleOf, rowsOf, widthOf } from './rows.ts';

export const scaleExamplesOp: Op = defineOp({
  name: 'scale-examples',
  documentation:
    'All tokens of a picture, x [batch*n, width], times the picture’s factor [batch, 1]: drop path.',
  attributes: {},
  infer([x, factors]) {
    assert(
      perExampleOf(factors, 'factors') === 1 && factors?.shape[1] === 1,
      'the factors must be [batch, 1]',
    );
    perExampleOf(x, 'scale-examples input');
    return [float32(rowsOf(x, 'scale-examples input'), widthOf(x, 'scale-examples input'))];
  },
  // The factors are drawn by the runtime; they have no gradient.
  gradient({ builder, inputs: [, factors], outputGradients: [dy], needs }) {
    return [factors && dy && needs(0) ? scaleExamples(builder, dy, factors) : undefined];
  },
  onnx({ inputs: [x = '', factors = ''], inputTypes: [type], outputs: [out], emit, int64s }) {
    const width = widthOf(type, 'scale-examples input');
    const pictures = emit('Reshape', [x, int64s([-1, perExampleOf(type, 'scale-examples input') * width])]);
    emit('Reshape', [emit('Mul', [pictures, factors]), int64s([-1, width])], {}, out);
  },
  tfjs({ inputs: [x, factors], rowsPerPicture, use }) {
    return `${use('scaleExamples')}(${x}, ${factors}, ${rowsPerPicture(0)})`;
  },
});

/** x [batch*n, width] times factors [batch, 1]. */
export function scaleExamples(builder: GraphBuilder, x: Value, factors: Value): Value {
  return builder.one(scaleExamplesOp, [x, factors]);
}
