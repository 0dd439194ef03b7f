import { pad, type Tensor4D } from '@tensorflow/tfjs';
import type { Images } from '../shapes.ts';

/** Pictures with zeros on the right and at the bottom, so that they have the sides [height, width]. */
export function padImages<
  Channels extends number,
  ImageHeight extends number,
  ImageWidth extends number,
  const Height extends number,
  const Width extends number,
>(
  images: Images<Channels, ImageHeight, ImageWidth>,
  [height, width]: readonly [height: Height, width: Width],
): Images<Channels, Height, Width> {
  const [, , imageHeight, imageWidth] = images.shape;
  const after = { height: height - imageHeight, width: width - imageWidth };
  const padded: Tensor4D = pad<Tensor4D>(images, [
    [0, 0],
    [0, 0],
    [0, after.height],
    [0, after.width],
  ]);
  return padded as Images<Channels, Height, Width>;
}
