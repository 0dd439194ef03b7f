import onnxProto from 'onnx-proto';
import type { Dimension, ElementType, Shape } from '../../ir/shape.ts';
import { formatDimension } from '../../ir/shape.ts';

const { onnx } = onnxProto;

/** Codes of onnx.TensorProto.DataType. */
export const DATA_TYPES = { float32: 1, int32: 6, int64: 7 } as const;

export type ConstantType = keyof typeof DATA_TYPES;

/** Raw little-endian bytes of a constant, as ONNX stores them. */
function rawData(type: ConstantType, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * (type === 'int64' ? 8 : 4));
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    if (type === 'float32') view.setFloat32(index * 4, value, true);
    else if (type === 'int32') view.setInt32(index * 4, value, true);
    else view.setBigInt64(index * 8, BigInt(value), true);
  });
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
