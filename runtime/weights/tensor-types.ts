import { halfToNumber } from './half.ts';

/**
 * How one of the format's number types is stored and read. Little-endian, as every machine that ONNX Runtime
 * runs on.
 */
export interface TensorType {
  readonly bytes: number;
  /** The numbers in a buffer of whole elements. */
  readonly decode: (buffer: ArrayBuffer) => ArrayLike<number>;
}

/** The number types of safetensors files that can be read, by the name in the file's header. */
export const TENSOR_TYPES: ReadonlyMap<string, TensorType> = new Map<string, TensorType>([
  ['F64', { bytes: 8, decode: (buffer) => new Float64Array(buffer) }],
  ['F32', { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ['F16', { bytes: 2, decode: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) }],
  ['BF16', { bytes: 2, decode: decodeBfloat16 }],
  ['I64', { bytes: 8, decode: (buffer) => Array.from(new BigInt64Array(buffer), Number) }],
  ['U64', { bytes: 8, decode: (buffer) => Array.from(new BigUint64Array(buffer), Number) }],
  ['I32', { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ['U32', { bytes: 4, decode: (buffer) => new Uint32Array(buffer) }],
  ['I16', { bytes: 2, decode: (buffer) => new Int16Array(buffer) }],
  ['U16', { bytes: 2, decode: (buffer) => new Uint16Array(buffer) }],
  ['I8', { bytes: 1, decode: (buffer) => new Int8Array(buffer) }],
  ['U8', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ['BOOL', { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
]);

/** bfloat16 is the upper half of a float32. */
function decodeBfloat16(buffer: ArrayBuffer): Float32Array {
  const words = Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16);
  return new Float32Array(words.buffer);
}
