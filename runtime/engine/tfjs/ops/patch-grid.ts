import type { Tensor4D } from '@tensorflow/tfjs';
import { EngineError } from '../../engine.ts';

/** How pictures are cut: into so many rows and columns of patches. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
  /** Rows times columns. */
  readonly patches: number;
}

/**
 * The grid of pictures [batch, channels, height, width] that are cut into patches [height, width]. Throws an `EngineError` where the
 * patches do not fill them.
 */
export function patchGrid(
  { shape: [, , imageHeight, imageWidth] }: Tensor4D,
  [height, width]: readonly [height: number, width: number],
): PatchGrid {
  const [rows, columns] = [imageHeight / height, imageWidth / width];
  const whole = [rows, columns].every((count) => Number.isInteger(count) && count > 0);
  if (whole) return { rows, columns, patches: rows * columns };
  throw new EngineError(
    `the pictures have ${imageHeight}x${imageWidth} pixels (height x width); the model takes multiples of ${height}x${width}`,
    'resize them, or compile the model again with "accept any" in its spec: it then pads them',
  );
}

/** Throws an `EngineError` where pictures have another size than the one that a model takes. */
export function checkSize(
  { shape: [, , imageHeight, imageWidth] }: Tensor4D,
  [height, width]: readonly [height: number, width: number],
): void {
  if (imageHeight === height && imageWidth === width) return;
  throw new EngineError(
    `the pictures have ${imageHeight}x${imageWidth} pixels (height x width); the model takes ${height}x${width}`,
    'resize them; to use the model at other sizes, compile it again with "accept multiples" or "accept any" in its spec',
  );
}
