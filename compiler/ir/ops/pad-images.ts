import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { imageSides } from './patchify.ts';

export const padImagesOp = defineOp({
  name: 'pad-images',
  documentation: 'Images [batch, C, H, W] → [batch, C, height, width]: zeros on the right and at the bottom.',
  attributes: { height: 'number', width: 'number' },
  precision: 'full',
  infer([images], { height, width }) {
    const [channels, imageHeight, imageWidth] = imageSides(images);
    assert(height >= imageHeight && width >= imageWidth, 'an image can only be padded to a larger one');
    return [float32(perExample(1), channels, height, width)];
  },
  gradient: 'pictures are not trained',
  onnx({ inputs: [images = ''], inputTypes: [type], outputs: [out], attributes, emit, int64s }) {
    const [, imageHeight, imageWidth] = imageSides(type);
    const after = [0, 0, attributes.height - imageHeight, attributes.width - imageWidth];
    emit('Pad', [images, int64s([0, 0, 0, 0, ...after])], {}, out);
  },
  tfjs({ inputs: [images], inputTypes: [type], attributes: { height, width }, use }) {
    const [, imageHeight, imageWidth] = imageSides(type);
    return `${use('padImages')}(${images}, [${imageHeight}, ${imageWidth}], [${height}, ${width}])`;
  },
});

/** images [batch, C, H, W] → [batch, C, height, width]. */
export function padImages(
  builder: GraphBuilder,
  images: Value,
  { height, width }: { readonly height: number; readonly width: number },
): Value {
  return builder.one(padImagesOp, [images], { height, width });
}
