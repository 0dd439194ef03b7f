import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { padImages } from '../ir/ops/pad-images.ts';
import { padToMultiple } from '../ir/ops/pad-to-multiple.ts';
import { patchify } from '../ir/ops/patchify.ts';
import { float32, perExample } from '../ir/shape.ts';
import { type ModelSpec, patchGrid } from '../language/model-spec.ts';

/**
 * Whether a graph takes pictures of the spec's size only, or also of those that the spec accepts besides. `free-larger` is `free`
 * recorded with a picture of one more row and column of patches.
 */
export type Sizes = 'fixed' | 'free' | 'free-larger';

/** Pictures as they are cut, and what they are cut into. */
export interface ImagePatches {
  /** [batch, C, H, W], whole patches. */
  readonly images: Value;
  /** [batch*L, ph*pw*C]. */
  readonly patches: Value;
}

/** The patches of `cutImages` alone. */
export function imagePatches(builder: GraphBuilder, spec: ModelSpec): Value {
  return cutImages(builder, spec, 'fixed').patches;
}

/**
 * Declares the input `images` [batch, C, H, W] and cuts it into patches. Where the spec pads, or accepts pictures of any size, they
 * are made whole first with zeros, which are the mean color of a normalised picture.
 */
export function cutImages(builder: GraphBuilder, spec: ModelSpec, sizes: Sizes): ImagePatches {
  const { image, patch } = spec;
  const more = sizes === 'free-larger' ? patch : { height: 0, width: 0 };
  const type = float32(perExample(1), image.channels, image.height + more.height, image.width + more.width);
  const images = wholePatches(builder, spec, sizes, builder.input('images', 'images', type));
  return { images, patches: patchify(builder, images, patch) };
}

function wholePatches(builder: GraphBuilder, spec: ModelSpec, sizes: Sizes, images: Value): Value {
  const { image, patch, accept } = spec;
  if (sizes !== 'fixed' && (accept === 'any' || patch.pad)) return padToMultiple(builder, images, patch);
  const grid = patchGrid(spec);
  const whole = { height: grid.height * patch.height, width: grid.width * patch.width };
  const fits = whole.height === image.height && whole.width === image.width;
  return fits || !patch.pad ? images : padImages(builder, images, whole);
}

/** The sizes that the exported graphs of a model take. */
export function exportedSizes({ accept }: ModelSpec): Sizes {
  return accept === 'exact' ? 'fixed' : 'free';
}

/**
 * What the generated classes of a model are recorded with. Where pictures may have several sizes, that is two of them: what differs
 * between the recordings is what follows from the size.
 */
export function recordedSizes({ accept }: ModelSpec): readonly Sizes[] {
  return accept === 'exact' ? ['fixed'] : ['free', 'free-larger'];
}
