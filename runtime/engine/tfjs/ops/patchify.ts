import { reshape, type Tensor2D, type Tensor3D, type Tensor4D, transpose } from '@tensorflow/tfjs';
import type { Product } from '../shape-arithmetic.ts';
import type { Images, Rows } from '../shapes.ts';
import { checkSize, type PatchGrid } from './patch-grid.ts';

/**
 * Pictures [batch, channels, height, width] cut along a grid [rows, columns] of patches [height, width] → [batch*patches,
 * values], row after row of the grid; the pixels of a patch ordered row, column, channel. Throws an `EngineError` where the
 * pictures have another size.
 */
export function patchify<
  Channels extends number,
  GridRows extends number,
  GridColumns extends number,
  Height extends number,
  Width extends number,
>(
  images: Images<Channels, Product<GridRows, Height>, Product<GridColumns, Width>>,
  grid: readonly [rows: GridRows, columns: GridColumns],
  patch: readonly [height: Height, width: Width],
): Rows<Product<GridRows, GridColumns>, Product<Product<Height, Width>, Channels>> {
  const [rows, columns] = grid;
  checkSize(images, [rows * patch[0], columns * patch[1]]);
  const patches = cut(images, { rows, columns }, patch);
  return patches as Rows<Product<GridRows, GridColumns>, Product<Product<Height, Width>, Channels>>;
}

/** The same of pictures of any size, given the grid that their patches [height, width] make. */
export function patchifyOnGrid<
  Channels extends number,
  ImageHeight extends number,
  ImageWidth extends number,
  Height extends number,
  Width extends number,
>(
  images: Images<Channels, ImageHeight, ImageWidth>,
  grid: PatchGrid,
  patch: readonly [height: Height, width: Width],
): Rows<number, Product<Product<Height, Width>, Channels>> {
  return cut(images, grid, patch) as Rows<number, Product<Product<Height, Width>, Channels>>;
}

function cut(
  images: Tensor4D,
  { rows, columns }: Pick<PatchGrid, 'rows' | 'columns'>,
  [height, width]: readonly [height: number, width: number],
): Tensor2D {
  const [batch, channels] = images.shape;
  // Two transposes of few axes: one of six is slow on wasm.
  const planes: Tensor3D = reshape(images, [batch, channels, -1]);
  const pixels: Tensor3D = transpose(planes, [0, 2, 1]);
  const strips: Tensor4D = reshape(pixels, [batch * rows, height, columns, width * channels]);
  return reshape(transpose(strips, [0, 2, 1, 3]), [-1, height * width * channels]);
}
