import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { perExampleOf, rowsOf, widthOf } from './rows.ts';
import { sliceTokens } from './slice-tokens.ts';
import { sumBatch } from './sum-batch.ts';

export const prependTokensOp = defineOp({
  name: 'prepend-tokens',
  documentation:
    'The same tokens [k, width] before every picture’s x [batch*n, width] → [batch*(k+n), width].',
  attributes: {},
  precision: 'full',
  infer([tokens, x]) {
    const count = rowsOf(tokens, 'prepended tokens');
    const width = widthOf(x, 'prepend-tokens input');
    assert(
      typeof count === 'number' && widthOf(tokens, 'prepended tokens') === width,
      'prepended tokens are [k, width]',
    );
    return [float32(perExample(count + perExampleOf(x, 'prepend-tokens input')), width)];
  },
  gradient({ builder, inputs: [tokens, x], outputGradients: [dy], needs }) {
    if (!tokens || !x || !dy) return [];
    const count = Number(tokens.shape[0]);
    return [
      needs(0) ? sumBatch(builder, sliceTokens(builder, dy, 0, count)) : undefined,
      needs(1) ? sliceTokens(builder, dy, count, perExampleOf(x, 'prepend-tokens input')) : undefined,
    ];
  },
  onnx({
    inputs: [tokens = '', x = ''],
    inputTypes: [tokensType, type],
    outputs: [out],
    emit,
    int64s,
    byPicture,
    ones,
  }) {
    const count = Number(rowsOf(tokensType, 'prepended tokens'));
    const width = widthOf(type, 'prepend-tokens input');
    const row = count === 1 ? tokens : emit('Reshape', [tokens, int64s([1, count * width])]);
    const repeated = emit('Reshape', [
      emit('Gemm', [ones(1), row], { transA: { int: 1 } }),
      int64s([-1, count, width]),
    ]);
    const rest = emit('Reshape', [x, byPicture(perExampleOf(type, 'prepend-tokens input'), [width])]);
    emit('Reshape', [emit('Concat', [repeated, rest], { axis: { int: 1 } }), int64s([-1, width])], {}, out);
  },
  tfjs: ({ inputs: [tokens, x], rowsPerPicture, use }) =>
    `${use('prependTokens')}(${tokens}, ${x}, ${rowsPerPicture(1)})`,
});

/** tokens [k, width] and x [batch*n, width] → [batch*(k+n), width]. */
export function prependTokens(builder: GraphBuilder, tokens: Value, x: Value): Value {
  return builder.one(prependTokensOp, [tokens, x]);
}
