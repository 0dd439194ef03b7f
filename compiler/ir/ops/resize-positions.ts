import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { float32 } from '../shape.ts';
import { imageSides } from './patchify.ts';
import { rowsOf, widthOf } from './rows.ts';

export interface ResizedGrid {
  /** Rows and columns of patches that the table is for. */
  readonly rows: number;
  readonly columns: number;
  /** Height and width of a patch. */
  readonly height: number;
  readonly width: number;
}

export const resizePositionsOp = defineOp({
  name: 'resize-positions',
  documentation:
    'A table of positions [rows*columns, width] for the patches of images [batch, C, H, W]: interpolated where the images have another grid (bicubic, as PyTorch’s with align_corners false).',
  attributes: { rows: 'number', columns: 'number', height: 'number', width: 'number' },
  precision: 'full',
  infer([table, images], { rows, columns, height, width }) {
    const [, imageHeight, imageWidth] = imageSides(images);
    assert(
      rowsOf(table, 'table') === rows * columns && imageHeight % height === 0 && imageWidth % width === 0,
      'the table must be for its grid, and the images must be whole patches',
    );
    return [float32((imageHeight / height) * (imageWidth / width), widthOf(table, 'table'))];
  },
  gradient: 'it is in no graph that is trained',
  onnx({ inputs: [table = '', images = ''], inputTypes: [type], outputs: [out], attributes, emit, int64s }) {
    const { rows, columns, height, width } = attributes;
    const channels = widthOf(type, 'table');
    const sides = emit('Slice', [emit('Shape', [images]), int64s([2]), int64s([4])]);
    const grid = emit('Div', [sides, int64s([height, width])]);
    // As matrices, which ONNX Runtime does not move through the Resize: it has no cubic one with the channels last.
    const channelsFirst = emit('Transpose', [table], { perm: [1, 0] });
    const plane = emit('Reshape', [channelsFirst, int64s([1, channels, rows, columns])]);
    const sizes = emit('Concat', [int64s([1, channels]), grid], { axis: { int: 0 } });
    const resized = emit('Resize', [plane, '', '', sizes], {
      mode: 'cubic',
      cubic_coeff_a: -0.75,
      coordinate_transformation_mode: 'half_pixel',
    });
    emit('Transpose', [emit('Reshape', [resized, int64s([channels, -1])])], { perm: [1, 0] }, out);
  },
  tfjs({ inputs: [table], attributes: { rows, columns }, grid, use }) {
    assert(grid !== undefined, 'positions are resized where pictures may have several sizes');
    return `${use('resizePositions')}(${table}, [${rows}, ${columns}], ${grid})`;
  },
});

/** table [rows*columns, width] → the same for the grid of the images [batch, C, H, W]. */
export function resizePositions(
  builder: GraphBuilder,
  table: Value,
  images: Value,
  { rows, columns, height, width }: ResizedGrid,
): Value {
  return builder.one(resizePositionsOp, [table, images], { rows, columns, height, width });
}
