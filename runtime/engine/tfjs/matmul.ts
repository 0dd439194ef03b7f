import {
  getBackend,
  matMul,
  ones,
  reshape,
  sum,
  type Tensor1D,
  type Tensor2D,
  transpose,
} from '@tensorflow/tfjs';

/** Backends whose fast kernel takes plain matrices only: there a transpose of its own is eight times as fast as a flag. */
const WITHOUT_TRANSPOSED_KERNELS: ReadonlySet<string> = new Set(['wasm']);

interface Transposed {
  readonly a?: boolean;
  readonly b?: boolean;
}

/** a times b, either of them transposed on request. */
export function product(a: Tensor2D, b: Tensor2D, transposed: Transposed = {}): Tensor2D {
  const { a: flipA = false, b: flipB = false } = transposed;
  if (!WITHOUT_TRANSPOSED_KERNELS.has(getBackend())) return matMul(a, b, flipA, flipB);
  return matMul(transposedIf(flipA, a), transposedIf(flipB, b));
}

export function transposedIf(flip: boolean, matrix: Tensor2D): Tensor2D {
  return flip ? transpose(matrix) : matrix;
}

/**
 * The sum over the rows of x [rows, width] → [width]: a row of ones times x, which is faster than summing on wasm. (There the
 * right factor's data is prepared once, for its first shape: never multiply by the same numbers in two shapes.)
 */
export function sumOfRows(x: Tensor2D): Tensor1D {
  return reshape(matMul(ones([1, x.shape[0]]), x), [x.shape[1]]);
}

/** The sum over the pictures of x [batch*tokens, width] → [tokens, width]. */
export function sumOfPictures(x: Tensor2D, tokens: number): Tensor2D {
  return sum(reshape(x, [-1, tokens, x.shape[1]]), 0);
}
