import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32, perExample, type TensorType } from '../shape.ts';

/** Of images [batch, C, H, W]. */
export function imageSides(
  images: TensorType | undefined,
): [channels: number, height: number, width: number] {
  const [, channels, height, width] = images?.shape ?? [];
  assert(
    typeof channels === 'number' && typeof height === 'number' && typeof width === 'number',
    'images are [B, C, H, W]',
  );
  return [channels, height, width];
}

export const patchifyOp = defineOp({
  name: 'patchify',
  documentation:
    'Images [batch, C, H, W] → patches [batch*L, ph*pw*C], row-major over the grid; pixels of a patch ordered row, column, channel.',
  attributes: { height: 'number', width: 'number' },
  precision: 'full',
  infer([images], { height, width }) {
    const [channels, imageHeight, imageWidth] = imageSides(images);
    assert(
      imageHeight % height === 0 && imageWidth % width === 0,
      'an image must be a multiple of its patch',
    );
    const patches = (imageHeight / height) * (imageWidth / width);
    return [float32(perExample(patches), height * width * channels)];
  },
  gradient: 'pictures are not trained',
  onnx({
    inputs: [images = ''],
    inputTypes: [type],
    outputs: [out],
    attributes: { height, width },
    emit,
    int64s,
    freeSizes,
  }) {
    const [channels, imageHeight, imageWidth] = imageSides(type);
    const grid = [channels, imageHeight / height, height, imageWidth / width, width];
    const shape = () => {
      if (!freeSizes) return int64s([-1, ...grid]);
      const shapeOf = emit('Shape', [images]);
      const count = (axis: number, side: number) =>
        emit('Div', [emit('Slice', [shapeOf, int64s([axis]), int64s([axis + 1])]), int64s([side])]);
      const parts = [
        int64s([-1, channels]),
        count(2, height),
        int64s([height]),
        count(3, width),
        int64s([width]),
      ];
      return emit('Concat', parts, { axis: { int: 0 } });
    };
    const cut = emit('Reshape', [images, shape()]);
    const turned = emit('Transpose', [cut], { perm: [0, 2, 4, 3, 5, 1] });
    emit('Reshape', [turned, int64s([-1, height * width * channels])], {}, out);
  },
  tfjs({ inputs: [images], inputTypes: [type], attributes: { height, width }, grid, use }) {
    const [, imageHeight, imageWidth] = imageSides(type);
    const rowsAndColumns = grid ?? `[${imageHeight / height}, ${imageWidth / width}]`;
    return `${use(grid ? 'patchifyOnGrid' : 'patchify')}(${images}, ${rowsAndColumns}, [${height}, ${width}])`;
  },
});

/** images [batch, C, H, W] → [batch*L, height*width*C]. */
export function patchify(
  builder: GraphBuilder,
  images: Value,
  patch: { height: number; width: number },
): Value {
  return builder.one(patchifyOp, [images], { height: patch.height, width: patch.width });
}
