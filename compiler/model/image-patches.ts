import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { padImages } from '../ir/ops/pad-images.ts';
import { patchify } from '../ir/ops/patchify.ts';
import { float32, perExample } from '../ir/shape.ts';
import { type ModelSpec, patchGrid } from '../language/model-spec.ts';

/**
 * Declares the input `images` [batch, C, H, W] and cuts it into patches [batch*L, ph*pw*C]. Where the spec pads, pictures are
 * made whole first with zeros, which are the mean color of a normalised picture.
 */
export function imagePatches(builder: GraphBuilder, spec: ModelSpec): Value {
  const { image, patch } = spec;
  const type = float32(perExample(1), image.channels, image.height, image.width);
  const images = builder.input('images', 'images', type);
  const grid = patchGrid(spec);
  const whole = { height: grid.height * patch.height, width: grid.width * patch.width };
  const fits = whole.height === image.height && whole.width === image.width;
  return patchify(builder, fits || !patch.pad ? images : padImages(builder, images, whole), patch);
}
