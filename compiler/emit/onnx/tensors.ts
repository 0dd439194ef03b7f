import onnxProto from 'onnx-proto';
import type { Dimension, ElementType, Shape } from '../../ir/shape.ts';
import { formatDimension } from '../../ir/shape.ts';
import { float16Bits } from './float16.ts';

const { onnx } = onnxProto;

/** Codes of onnx.TensorProto.DataType. */
export const DATA_TYPES = { float32: 1, int32: 6, int64: 7, float16: 10 } as const;

export type ConstantType = keyof typeof DATA_TYPES;

/** How many bytes a number of each type has, and how it is written at an offset: little-endian. */
const ENCODINGS: Readonly<
  Record<ConstantType, readonly [bytes: number, write: (view: DataView, at: number, value: number) => void]>
> = {
  float32: [4, (view, at, value) => view.setFloat32(at, value, true)],
  float16: [2, (view, at, value) => view.setUint16(at, float16Bits(value), true)],
  int32: [4, (view, at, value) => view.setInt32(at, value, true)],
  int64: [8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
};

/** Raw bytes of a constant, as ONNX stores them. */
function rawData(type: ConstantType, values: readonly number[]): Uint8Array {
  const [size, write] = ENCODINGS[type];
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) write(view, index * size, value);
  return bytes;
}

export function constantTensor(
  name: string,
  type: ConstantType,
  values: readonly number[],
  shape: readonly number[],
) {
  return onnx.TensorProto.create({
    name,
    dataType: DATA_TYPES[type],
    dims: [...shape],
    rawData: rawData(type, values),
  });
}

/**
 * A graph input or output; a batched dimension becomes a symbol ("batch", "batch*50"), and so do those that are given a name, by
 * axis.
 */
export function valueInfo(
  name: string,
  type: ElementType,
  shape: Shape,
  names: Readonly<Record<number, string>> = {},
) {
  const dimension = (d: Dimension, axis: number) => {
    const symbol = names[axis] ?? (typeof d === 'number' ? undefined : formatDimension(d));
    return symbol === undefined ? { dimValue: Number(d) } : { dimParam: symbol };
  };
  return onnx.ValueInfoProto.create({
    name,
    type: { tensorType: { elemType: DATA_TYPES[type], shape: { dim: shape.map(dimension) } } },
  });
}
