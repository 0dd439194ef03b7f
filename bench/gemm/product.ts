/** A matrix product, or many of equal size in one node, as an ONNX node does it: operands as they are stored. */
export interface Product {
  readonly opType: 'Gemm' | 'MatMul' | 'FusedMatMul';
  /** [..., M, K], or [..., K, M] where it is taken transposed. */
  readonly a: readonly number[];
  /** [..., K, N], or [..., N, K]. */
  readonly b: readonly number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** A square product, which shows about how fast a processor can multiply. */
export function squareProduct(side: number): Product {
  return { opType: 'MatMul', a: [side, side], b: [side, side], transposeA: false, transposeB: false };
}

/** Two for each multiplication with its addition. */
export function productFlops({ a, b, transposeA, transposeB }: Product): number {
  const last = (shape: readonly number[], back: number) => shape.at(-back) ?? 1;
  const [m, k] = transposeA ? [last(a, 1), last(a, 2)] : [last(a, 2), last(a, 1)];
  const n = transposeB ? last(b, 2) : last(b, 1);
  return 2 * m * n * k * Math.max(elements(a.slice(0, -2)), elements(b.slice(0, -2)));
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
