import { assert, present } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp, type OnnxContext } from '../op.ts';
import { float32, int32, perExample } from '../shape.ts';

export const randomMaskingOp = defineOp({
  name: 'random-masking',
  documentation:
    'From noise [batch, L]: patches in ascending order of their noise, the first `visible` are kept. Yields the kept rows of the patches [batch*V], the row of the encoder’s tokens for each of the decoder’s (one past the end for removed ones) [batch*(prefix+L)], and the mask [batch, L], 1 = removed.',
  attributes: { visible: 'number', prefix: 'number' },
  precision: 'full',
  infer([noise], { visible, prefix }) {
    const patches = noise?.shape[1];
    assert(typeof patches === 'number' && visible > 0 && visible < patches, 'noise must be [batch, patches]');
    return [int32(perExample(visible)), int32(perExample(prefix + patches)), float32(perExample(1), patches)];
  },
  gradient: 'it chooses patches, which is not differentiable',
  onnx(context) {
    const { inputs, inputTypes, outputs, attributes, emit, int64s } = context;
    const { visible, prefix } = attributes;
    const patches = Number(inputTypes[0]?.shape[1]);
    const [kept, restore, mask] = outputs;
    const shuffle = ascendingOrder(context, inputs[0] ?? '', patches);
    const rank = ascendingOrder(context, emit('Cast', [shuffle], { to: { int: 1 } }), patches);
    const pictures = pictureNumbers(context, inputs[0] ?? '');
    const first = emit('Slice', [shuffle, int64s([0]), int64s([visible]), int64s([1])]);
    const rows = emit('Add', [first, emit('Mul', [pictures, int64s([patches])])]);
    emit('Cast', [emit('Reshape', [rows, int64s([-1])])], { to: { int: 6 } }, kept);

    const removed = emit('Not', [emit('Less', [rank, int64s([visible])])]);
    emit('Cast', [removed], { to: { int: 1 } }, mask);
    const firstToken = emit('Mul', [pictures, int64s([prefix + visible])]);
    const patchRows = emit('Add', [emit('Add', [rank, int64s([prefix])]), firstToken]);
    // One past the last encoder row of the whole batch: the mask token's row.
    const maskRow = emit('Mul', [pictureCount(context, inputs[0] ?? ''), int64s([prefix + visible])]);
    const restored = emit('Where', [removed, maskRow, patchRows]);
    const prefixRows = emit('Add', [
      firstToken,
      int64s(
        Array.from({ length: prefix }, (_, token) => token),
        [1, prefix],
      ),
    ]);
    const all = prefix === 0 ? restored : emit('Concat', [prefixRows, restored], { axis: { int: 1 } });
    emit('Cast', [emit('Reshape', [all, int64s([-1])])], { to: { int: 6 } }, restore);
  },
  tfjs: 'a generated class takes the masking as row numbers, made on the host',
});

type Context = OnnxContext<{ readonly visible: number; readonly prefix: number }>;

/** Row-wise argsort as int64; TopK breaks ties by the lower index. */
function ascendingOrder({ emitMany, fresh, int64s }: Context, values: string, count: number): string {
  const order = fresh('order');
  emitMany('TopK', [values, int64s([count])], [fresh('sorted'), order], {
    axis: { int: 1 },
    largest: { int: 0 },
    sorted: { int: 1 },
  });
  return order;
}

/** The batch size as int64 [1]. */
function pictureCount({ emit, int64s }: Context, noise: string): string {
  return emit('Slice', [emit('Shape', [noise]), int64s([0]), int64s([1])]);
}

/** 0, 1, … as int64 [batch, 1]. */
function pictureNumbers(context: Context, noise: string): string {
  const { emit, int64s } = context;
  const count = emit('Squeeze', [pictureCount(context, noise), int64s([0])]);
  const numbers = emit('Range', [int64s([0], []), count, int64s([1], [])]);
  return emit('Unsqueeze', [numbers, int64s([1])]);
}

export interface MaskingValues {
  readonly visible: Value;
  readonly restore: Value;
  readonly mask: Value;
}

/** noise [batch, L] → which patches are visible; see the op. */
export function randomMasking(
  builder: GraphBuilder,
  noise: Value,
  visible: number,
  prefix: number,
): MaskingValues {
  const [rows, restore, mask] = builder.add(randomMaskingOp, [noise], { visible, prefix });
  return {
    visible: present(rows, 'visible rows'),
    restore: present(restore, 'restore rows'),
    mask: present(mask, 'mask'),
  };
}
