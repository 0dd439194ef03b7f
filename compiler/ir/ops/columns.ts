import { assert } from '../assert.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { defineOp } from '../op.ts';
import { type Dimension, float32, perExample, sameDimension } from '../shape.ts';
import { FIRST_DERIVATIVES_ONLY } from './first-derivatives-only.ts';
import { rowsOf, widthOf } from './rows.ts';

export const sliceColumnsOp = defineOp({
  name: 'slice-columns',
  documentation: 'Channels start..start+count of x [rows, width] → [rows, count].',
  attributes: { start: 'number', count: 'number' },
  precision: 'inherited',
  infer([x], { start, count }) {
    const width = widthOf(x, 'slice-columns input');
    assert(start >= 0 && count > 0 && start + count <= width, `columns ${start}+${count} of ${width}`);
    return [float32(rowsOf(x, 'slice-columns input'), count)];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = ''], outputs: [out], attributes: { start, count }, emit, int64s }) {
    emit('Slice', [x, int64s([start]), int64s([start + count]), int64s([1])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

export const concatColumnsOp = defineOp({
  name: 'concat-columns',
  documentation: 'Tensors of the same rows side by side: [rows, a], [rows, b], … → [rows, a + b + …].',
  attributes: {},
  precision: 'inherited',
  infer(inputs) {
    const rows = rowsOf(inputs[0], 'concat-columns input');
    assert(
      inputs.every((input) => sameDimension(input.shape[0], rows)),
      'concat-columns takes equal rows',
    );
    return [
      float32(
        rows,
        inputs.reduce((sum, input) => sum + widthOf(input, 'concat-columns input'), 0),
      ),
    ];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs, outputs, emit }) {
    emit('Concat', inputs, { axis: { int: 1 } }, outputs[0]);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

function times(rows: Dimension, factor: number): Dimension {
  return typeof rows === 'number' ? rows * factor : perExample(rows.perExample * factor);
}

export const groupColumnsOp = defineOp({
  name: 'group-columns',
  documentation: 'x [rows, groups*k] seen as [rows*groups, k]: each head of a token becomes a row.',
  attributes: { groups: 'number' },
  precision: 'inherited',
  infer([x], { groups }) {
    const width = widthOf(x, 'group-columns input');
    assert(width % groups === 0, `width ${width} is no multiple of ${groups} groups`);
    return [float32(times(rowsOf(x, 'group-columns input'), groups), width / groups)];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = ''], outputs: [out], outputTypes: [type], emit, int64s }) {
    emit('Reshape', [x, int64s([-1, widthOf(type, 'group-columns output')])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

export const ungroupColumnsOp = defineOp({
  name: 'ungroup-columns',
  documentation: 'x [rows*groups, k] seen as [rows, groups*k]: the inverse of group-columns.',
  attributes: { groups: 'number' },
  precision: 'inherited',
  infer([x], { groups }) {
    const rows = times(rowsOf(x, 'ungroup-columns input'), 1 / groups);
    return [float32(rows, widthOf(x, 'ungroup-columns input') * groups)];
  },
  gradient: FIRST_DERIVATIVES_ONLY,
  onnx({ inputs: [x = ''], outputs: [out], outputTypes: [type], emit, int64s }) {
    emit('Reshape', [x, int64s([-1, widthOf(type, 'ungroup-columns output')])], {}, out);
  },
  tfjs: FIRST_DERIVATIVES_ONLY,
});

/** x [rows, width] → [rows, count]. */
export function sliceColumns(builder: GraphBuilder, x: Value, start: number, count: number): Value {
  return builder.one(sliceColumnsOp, [x], { start, count });
}

/** [rows, a], [rows, b], … → [rows, a + b + …]. */
export function concatColumns(builder: GraphBuilder, parts: readonly Value[]): Value {
  return builder.one(concatColumnsOp, parts);
}

/** x [rows, groups*k] → [rows*groups, k]. */
export function groupColumns(builder: GraphBuilder, x: Value, groups: number): Value {
  return builder.one(groupColumnsOp, [x], { groups });
}

/** x [rows*groups, k] → [rows, groups*k]. */
export function ungroupColumns(builder: GraphBuilder, x: Value, groups: number): Value {
  return builder.one(ungroupColumnsOp, [x], { groups });
}
