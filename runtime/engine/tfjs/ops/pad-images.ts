import { pad, type Tensor4D } from '@tensorflow/tfjs';
import type { Images } from '../shapes.ts';
import { checkSize } from './patch-grid.ts';

/**
 * Pictures of the sides `from` [height, width] with zeros on the right and at the bottom, so that they have the sides `to`. Throws an
 * `EngineError` where they have other sides before.
 */
export function padImages<
  Channels extends number,
  ImageHeight extends number,
  ImageWidth extends number,
  const Height extends number,
  const Width extends number,
>(
  images: Images<Channels, ImageHeight, ImageWidth>,
  from: readonly [height: NoInfer<ImageHeight>, width: NoInfer<ImageWidth>],
  to: readonly [height: Height, width: Width],
): Images<Channels, Height, Width> {
  checkSize(images, from);
  return padTo(images, to) as Images<Channels, Height, Width>;
}

/** Pictures of any size with zeros on the right and at the bottom, up to multiples of the patch [height, width]. */
export function padToMultiple<Channels extends number, ImageHeight extends number, ImageWidth extends number>(
  images: Images<Channels, ImageHeight, ImageWidth>,
  [height, width]: readonly [height: number, width: number],
): Images<Channels, number, number> {
  const [, , imageHeight, imageWidth] = images.shape;
  const to = [Math.ceil(imageHeight / height) * height, Math.ceil(imageWidth / width) * width] as const;
  return padTo(images, to) as Images<Channels, number, number>;
}

function padTo(images: Tensor4D, [height, width]: readonly [height: number, width: number]): Tensor4D {
  const [, , imageHeight, imageWidth] = images.shape;
  return pad<Tensor4D>(images, [
    [0, 0],
    [0, 0],
    [0, height - imageHeight],
    [0, width - imageWidth],
  ]);
}
