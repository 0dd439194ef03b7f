import { TENSOR_TYPES, type TensorType } from './tensor-types.ts';

/**
 * The header of a .npy file: six magic bytes, the version (two bytes), the length of the rest (two bytes in version 1, four
 * from 2 on), then a Python dictionary as text that says the numbers' type and the array's shape, padded so that the numbers
 * begin at a multiple of 64 bytes (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 */

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const ALIGNMENT = 64;

/** Bytes of magic, version and the longest length: with so many, `measureNpyHeader` can tell where the numbers begin. */
export const NPY_PREFIX_BYTES = MAGIC.length + 6;

/** No array that this project reads needs more; numpy refuses longer headers than 10 000 characters unless told not to. */
const LONGEST_HEADER = 1_000_000;

/** numpy leaves room for the number of rows to grow to so many digits, since an array may be appended to in place. */
const ROOM_FOR_ROWS = 21;

/** The types that can be read, by numpy's name: "<" is little-endian, "|" a single byte. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['<f8', 'F64'],
  ['<f4', 'F32'],
  ['<f2', 'F16'],
  ['<i8', 'I64'],
  ['<u8', 'U64'],
  ['<i4', 'I32'],
  ['<u4', 'U32'],
  ['<i2', 'I16'],
  ['<u2', 'U16'],
  ['|i1', 'I8'],
  ['|u1', 'U8'],
  ['|b1', 'BOOL'],
]);

/** The types that are written, with numpy's names. */
export const NPY_WRITTEN_TYPES = { float32: '<f4', int32: '<i4' } as const;
export type NpyWrittenType = keyof typeof NPY_WRITTEN_TYPES;

export interface NpyHeader {
  /** As in safetensors files: "F32", "I64", "U8" … */
  readonly typeName: string;
  readonly type: TensorType;
  /** The last axis runs fastest. Empty for a single number. */
  readonly shape: readonly number[];
  readonly elements: number;
  /** Bytes before the first number. */
  readonly dataStart: number;
}

/** Why a file is no .npy file that can be read; the reader adds the file's name. */
export class NpyError extends Error {}

/** How many bytes the header takes, from the first `NPY_PREFIX_BYTES` bytes of a file. @throws NpyError if it is none. */
export function measureNpyHeader(prefix: Uint8Array): number {
  return locateText(prefix).end;
}

/**
 * Reads a header from the first bytes of a file, at least as many as `measureNpyHeader` says.
 *
 * @throws NpyError when it is none, or for arrays that are not read: Fortran order, big-endian numbers, texts, objects,
 * structures, complex numbers.
 */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  const { begin, end } = locateText(bytes);
  if (bytes.length < end) throw new NpyError(`it is cut off in its header: ${bytes.length} bytes of ${end}`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8');
  const typeName = typeOf(text);
  const type = TENSOR_TYPES.get(typeName);
  if (type === undefined) throw new NpyError(`its type is ${typeName}`);
  const [, order] = /["']fortran_order["']\s*:\s*(True|False)/.exec(text) ?? [];
  if (order === undefined) throw new NpyError('its header does not say in which order the numbers lie');
  const shape = shapeOf(text);
  // With at most one side longer than 1 both orders are the same.
  if (order === 'True' && shape.filter((side) => side > 1).length > 1) {
    throw new NpyError('its numbers lie in Fortran order; save numpy.ascontiguousarray(array)');
  }
  const elements = shape.reduce((product, side) => product * side, 1);
  if (!Number.isSafeInteger(elements)) throw new NpyError(`its shape is (${shape.join(', ')})`);
  return { typeName, type, shape, elements, dataStart: end };
}

function locateText(bytes: Uint8Array): { readonly begin: number; readonly end: number } {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw new NpyError('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < NPY_PREFIX_BYTES) throw new NpyError(`it has only ${bytes.length} bytes`);
  const major = view.getUint8(MAGIC.length);
  if (major < 1 || major > 3) throw new NpyError(`its format version is ${major}, and 1 to 3 are known`);
  const lengthAt = MAGIC.length + 2;
  const length = major === 1 ? view.getUint16(lengthAt, true) : view.getUint32(lengthAt, true);
  if (length > LONGEST_HEADER) throw new NpyError(`its header has ${length} bytes`);
  const begin = lengthAt + (major === 1 ? 2 : 4);
  return { begin, end: begin + length };
}

function typeOf(text: string): string {
  const [, name] = /["']descr["']\s*:\s*["']([^"']*)["']/.exec(text) ?? [];
  if (name === undefined) throw new NpyError('its elements are not plain numbers');
  const typeName = TYPES.get(name);
  if (typeName !== undefined) return typeName;
  const known = [...TYPES.keys()].join(', ');
  throw new NpyError(`its elements are of type '${name}', and those that can be read are ${known}`);
}

/** Python 2 wrote an L behind long integers. */
function shapeOf(text: string): number[] {
  const [, sides] = /["']shape["']\s*:\s*\(([\d\s,L]*)\)/.exec(text) ?? [];
  if (sides === undefined) throw new NpyError('its header does not say its shape');
  return sides
    .split(',')
    .map((side) => side.trim().replace(/L$/, ''))
    .filter((side) => side !== '')
    .map(Number);
}

/** The bytes before the numbers of an array in C order, byte by byte as numpy writes them (since its version 1.23). */
export function formatNpyHeader(type: NpyWrittenType, shape: readonly number[]): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const descr = NPY_WRITTEN_TYPES[type];
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  const rows = shape[0];
  const text = fields + ' '.repeat(rows === undefined ? 0 : Math.max(0, ROOM_FOR_ROWS - String(rows).length));
  const [version, lengthBytes] = padded(text, 2) <= 0xffff ? [1, 2] : [2, 4];
  const length = padded(text, lengthBytes);
  const bytes = Buffer.alloc(MAGIC.length + 2 + lengthBytes + length, ' ');
  bytes.set([...MAGIC, version, 0]);
  bytes.writeUIntLE(length, MAGIC.length + 2, lengthBytes);
  bytes.write(text, MAGIC.length + 2 + lengthBytes, 'latin1');
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

/** Length of the text with its padding and the line break at its end. */
function padded(text: string, lengthBytes: number): number {
  const before = MAGIC.length + 2 + lengthBytes;
  return Math.ceil((before + text.length + 1) / ALIGNMENT) * ALIGNMENT - before;
}
