import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { elementsPerExample, float32, formatShape, sameDimension } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { countOf } from './rows.ts';

export const matmulOp = defineOp({
  name: 'matmul',
  documentation:
    'alpha * a times b, each a matrix, transposed on request; a shared batched dimension is summed over.',
  attributes: { transposeA: 'boolean', transposeB: 'boolean', alpha: 'number' },
  precision: 'half',
  infer([a, b], { transposeA, transposeB }) {
    assert(a?.shape.length === 2 && b?.shape.length === 2, 'matmul takes two matrices');
    const [rows, innerA] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
    const [innerB, columns] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
    assert(sameDimension(innerA, innerB), `matmul of ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
    assert(rows !== undefined && columns !== undefined, 'matmul takes two matrices');
    return [float32(rows, columns)];
  },
  flops([a, b], _, { transposeB }) {
    const columns = b?.shape[transposeB ? 0 : 1] ?? 0;
    return 2 * elementsPerExample(a?.shape ?? []) * countOf(columns);
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, outputs, attributes: { transposeA, transposeB, alpha }, emit }) {
    const flag = (on: boolean) => ({ int: on ? 1 : 0 });
    emit('Gemm', inputs, { transA: flag(transposeA), transB: flag(transposeB), alpha }, outputs[0]);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

export function matmul(
  builder: GraphBuilder,
  a: Value,
  b: Value,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean; readonly alpha?: number } = {},
): Value {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  return builder.one(matmulOp, [a, b], { transposeA, transposeB, alpha });
}
