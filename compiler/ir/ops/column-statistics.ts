import type { OnnxContext } from '../op.ts';

/** x [batch, width] less its columns' means, and their biased variances [1, width], as ONNX nodes. */
export function centredColumns(
  emit: OnnxContext['emit'],
  x: string,
): { readonly mean: string; readonly centred: string; readonly variance: string } {
  const overBatch = { axes: [0], keepdims: { int: 1 } };
  const mean = emit('ReduceMean', [x], overBatch);
  const centred = emit('Sub', [x, mean]);
  return { mean, centred, variance: emit('ReduceMean', [emit('Mul', [centred, centred])], overBatch) };
}
