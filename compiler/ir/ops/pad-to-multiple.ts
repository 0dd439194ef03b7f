import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample } from '../shape.ts';
import { imageSides } from './patchify.ts';

const nextMultiple = (side: number, step: number) => Math.ceil(side / step) * step;

export const padToMultipleOp = defineOp({
  name: 'pad-to-multiple',
  documentation:
    'Images [batch, C, H, W] with zeros on the right and at the bottom, up to multiples of height and width: for graphs that take pictures of any size.',
  attributes: { height: 'number', width: 'number' },
  precision: 'full',
  infer([images], { height, width }) {
    const [channels, imageHeight, imageWidth] = imageSides(images);
    return [
      float32(perExample(1), channels, nextMultiple(imageHeight, height), nextMultiple(imageWidth, width)),
    ];
  },
  gradient: 'pictures are not trained',
  onnx({ inputs: [images = ''], outputs: [out], attributes: { height, width }, emit, int64s }) {
    const sides = emit('Slice', [emit('Shape', [images]), int64s([2]), int64s([4])]);
    // What -side leaves when it is divided by the step is what side lacks: Mod has the sign of the divisor.
    const lacking = emit('Mod', [emit('Neg', [sides]), int64s([height, width])]);
    const pads = emit('Concat', [int64s([0, 0, 0, 0, 0, 0]), lacking], { axis: { int: 0 } });
    emit('Pad', [images, pads], {}, out);
  },
  tfjs: ({ inputs: [images], attributes: { height, width }, use }) =>
    `${use('padToMultiple')}(${images}, [${height}, ${width}])`,
});

/** images [batch, C, H, W] → [batch, C, next multiple of height, of width]. */
export function padToMultiple(
  builder: GraphBuilder,
  images: Value,
  { height, width }: { readonly height: number; readonly width: number },
): Value {
  return builder.one(padToMultipleOp, [images], { height, width });
}
