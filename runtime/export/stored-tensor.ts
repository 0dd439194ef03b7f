import type onnxProto from 'onnx-proto';
import type { CompiledParameter } from '../model/compiled-spec.ts';
import { toStoredLayout } from '../weights/layout.ts';

export type GraphProto = NonNullable<InstanceType<typeof onnxProto.onnx.ModelProto>['graph']>;
export type NodeProto = NonNullable<GraphProto['node']>[number];

/** TensorProto.DataType of the number types that are written. */
export const DATA_TYPES = { float32: 1, int8: 3, float16: 10 } as const;

/** A constant of an exported graph, its numbers made when they are written. */
export interface StoredTensor {
  readonly name: string;
  readonly type: keyof typeof DATA_TYPES;
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Little-endian, as ONNX stores them, and as every machine that Node runs on does. */
  readonly bytes: () => Uint8Array;
}

/** A parameter of a compiled graph with its numbers. */
export interface EmbeddedParameter {
  readonly parameter: CompiledParameter;
  /** In the official layout. */
  readonly official: Float32Array;
}

/** The numbers as the graph expects them. */
export function storedNumbers({ parameter, official }: EmbeddedParameter): Float32Array {
  const stored = new Float32Array(official.length);
  toStoredLayout(parameter, official, stored);
  return stored;
}

/** A parameter as it is. */
export function float32Tensor(embedded: EmbeddedParameter): StoredTensor {
  const { name, storedShape } = embedded.parameter;
  return {
    name,
    type: 'float32',
    shape: storedShape,
    byteLength: embedded.official.byteLength,
    bytes: () => bytesOf(storedNumbers(embedded)),
  };
}

/** The memory of an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
