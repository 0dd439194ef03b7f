import { fused, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs';
import { differentiable } from '../differentiable.ts';
import { product, sumOfRows, transposedIf } from '../matmul.ts';
import type { Matrix, Rows, Vector } from '../shapes.ts';

/** x [batch*tokens, in] times a weight [in, out] plus a bias [out] → [batch*tokens, out]. */
export function linear<Tokens extends number, Inputs extends number, Outputs extends number>(
  x: Rows<Tokens, Inputs>,
  weight: Matrix<Inputs, Outputs>,
  bias: Vector<Outputs> | undefined,
  layout: 'in-out',
): Rows<Tokens, Outputs>;

/** The same with the weight held as PyTorch does: [out, in]. */
export function linear<Tokens extends number, Inputs extends number, Outputs extends number>(
  x: Rows<Tokens, Inputs>,
  weight: Matrix<Outputs, Inputs>,
  bias: Vector<Outputs> | undefined,
  layout: 'out-in',
): Rows<Tokens, Outputs>;

export function linear(
  x: Tensor2D,
  weight: Tensor2D,
  bias: Tensor1D | undefined,
  layout: 'in-out' | 'out-in',
): Tensor2D {
  const outIn = layout === 'out-in';
  return differentiable(
    bias ? [x, weight, bias] : [x, weight],
    () => ({ value: affine(x, transposedIf(outIn, weight), bias), saved: [x, weight] }),
    (dy, [input, matrix]) => [
      product(dy, matrix, { b: !outIn }),
      outIn ? product(dy, input, { a: true }) : product(input, dy, { a: true }),
      ...(bias ? [sumOfRows(dy)] : []),
    ],
  );
}

function affine(x: Tensor2D, weight: Tensor2D, bias: Tensor1D | undefined): Tensor2D {
  return fused.matMul({ a: x, b: weight, ...(bias ? { bias } : {}) }) as Tensor2D;
}
