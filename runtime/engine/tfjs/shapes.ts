import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs';

/**
 * Tensors with their shapes in their types. The batch size is in none of them: it is whatever the caller feeds. Tokens and
 * pixels of different counts or widths are different types, so that a model that does not fit together does not compile.
 */

declare const shape: unique symbol;

/**
 * What the type checker knows of a tensor's shape; it exists at compile time only. As the type of a function it is neither wider
 * nor narrower than that of other sides, or 50 and 51 tokens would meet as "50 or 51".
 */
interface Shaped<Kind extends string, Sides extends readonly number[]> {
  readonly [shape]: (sides: [Kind, ...Sides]) => [Kind, ...Sides];
}

/** [batch*Tokens, Width]: so many tokens of every picture, picture after picture. */
export type Rows<Tokens extends number, Width extends number> = Tensor2D & Shaped<'rows', [Tokens, Width]>;

/** [Rows, Columns], the same for every picture: weights and tables. */
export type Matrix<RowCount extends number, Columns extends number> = Tensor2D &
  Shaped<'matrix', [RowCount, Columns]>;

/** [Length], the same for every picture: biases and scales. */
export type Vector<Length extends number> = Tensor1D & Shaped<'vector', [Length]>;

/** [batch, Channels, Height, Width]: normalised pictures. */
export type Images<Channels extends number, Height extends number, Width extends number> = Tensor4D &
  Shaped<'images', [Channels, Height, Width]>;

/** [batch, Tokens, Width]: rows split into pictures, as results are handed out. */
export type Batch<Tokens extends number, Width extends number> = Tensor3D & Shaped<'batch', [Tokens, Width]>;

/** int32 [batch*Count]: row numbers, so many of every picture. */
export type RowNumbers<Count extends number> = Tensor1D & Shaped<'row numbers', [Count]>;

export type { Scalar };
