import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { gatherRows } from './gather-rows.ts';
import { rowsOf, widthOf } from './rows.ts';
import { sumRows } from './sum-rows.ts';

export const restoreTokensOp = defineOp({
  name: 'restore-tokens',
  documentation:
    'The decoder’s tokens [batch*m, width]: encoder tokens x [batch*n, width] back in their places, the mask token [1, width] in the others. Inputs: x, mask token, restore [batch*m], and for the gradient restore.inverse [batch*n] and removed.token (the rows that hold the mask token).',
  attributes: {},
  precision: 'inherited',
  infer([x, maskToken, restore]) {
    const width = widthOf(x, 'restore-tokens input');
    assert(maskToken?.shape[0] === 1 && maskToken.shape[1] === width, 'the mask token must be [1, width]');
    assert(restore?.type === 'int32', 'restore indices are int32');
    return [float32(rowsOf(restore, 'restore indices'), width)];
  },
  gradient({ builder, inputs: [, , , inverse, removed], outputGradients: [dy], needs }) {
    if (!dy) return [];
    assert(
      inverse !== undefined && removed !== undefined,
      'the gradient of restore-tokens needs its indices',
    );
    return [
      needs(0) ? gatherRows(builder, dy, inverse) : undefined,
      needs(1) ? sumRows(builder, gatherRows(builder, dy, removed), { keepRow: true }) : undefined,
    ];
  },
  onnx({ inputs: [x = '', maskToken = '', restore = ''], outputs: [out], emit }) {
    const table = emit('Concat', [x, maskToken], { axis: { int: 0 } });
    emit('Gather', [table, restore], { axis: { int: 0 } }, out);
  },
  tfjs({ inputs, use }) {
    return `${use('restoreTokens')}(${inputs.join(', ')})`;
  },
});

export interface RestoreIndices {
  readonly restore: Value;
  readonly inverse?: Value;
  readonly removed?: Value;
}

/** Encoder tokens x [batch*n, width] → decoder tokens [batch*m, width]. */
export function restoreTokens(
  builder: GraphBuilder,
  x: Value,
  maskToken: Value,
  indices: RestoreIndices,
): Value {
  const { restore, inverse, removed } = indices;
  return builder.one(restoreTokensOp, [
    x,
    maskToken,
    restore,
    ...(inverse && removed ? [inverse, removed] : []),
  ]);
}
