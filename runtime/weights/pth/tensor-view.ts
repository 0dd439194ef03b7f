import { copyStrided } from '../layout.ts';
import { type PickledTensor, PickleError } from '../pickle/values.ts';
import { TENSOR_TYPES, type TensorType } from '../tensor-types.ts';
import { elementCount } from '../weight-source.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import type { StoragePlace } from './torch-file.ts';

/** PyTorch's names of number types: of its storages' classes, and as in "torch.float32"; after them safetensors' own. */
const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ['Double', 'F64'],
  ['Float', 'F32'],
  ['Half', 'F16'],
  ['BFloat16', 'BF16'],
  ['Long', 'I64'],
  ['Int', 'I32'],
  ['Short', 'I16'],
  ['Char', 'I8'],
  ['Byte', 'U8'],
  ['Bool', 'BOOL'],
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
  // A storage without a type has its size in bytes.
  ['Untyped', 'U8'],
]);

/** Bytes that are read, and converted, at a time: a multiple of every type's size. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** How the numbers of a storage are stored, by PyTorch's name of their type. */
export function typeOfStorage(typeName: string): TensorType | undefined {
  return TENSOR_TYPES.get(TYPE_NAMES.get(typeName) ?? '');
}

/** A tensor whose numbers were found to lie inside the file. */
export interface TensorView {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly type: TensorType;
  /** Of its first element in the file. */
  readonly begin: number;
  readonly elements: number;
  /** From its first element to its last, those between that are not its own included. */
  readonly span: number;
}

/**
 * Checks that a tensor lies inside its storage, and that inside the file. Throws a `PickleError` that says what
 * is wrong with it: it is of a type that is not read, has a negative side or stride, repeats numbers, or reaches
 * beyond what is there.
 */
export function viewTensor(tensor: PickledTensor, place: StoragePlace | undefined): TensorView {
  const { storage, offset, shape, strides } = tensor;
  const typeName = tensor.typeName ?? storage.typeName;
  const type = typeOfStorage(typeName);
  if (type === undefined) throw new PickleError(`is of type ${typeName}, which is not read`);
  if (place === undefined) throw new PickleError(`has no numbers in the file (storage ${storage.key})`);
  const stored = Math.floor(place.bytes / type.bytes);
  if (shape.some((side) => side < 0) || strides.some((stride) => stride < 0) || offset < 0) {
    throw new PickleError(
      `has a negative side, stride or offset: [${shape.join(', ')}] by [${strides.join(', ')}]`,
    );
  }
  const elements = elementCount(shape);
  const span =
    elements === 0 ? 0 : 1 + shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), 0);
  if (!(offset + span <= stored)) {
    throw new PickleError(`reaches beyond its storage: number ${offset + span} of ${stored}`);
  }
  // So many can only be had by taking some twice, which makes a large tensor of a small file.
  if (!(elements <= span)) throw new PickleError(`repeats numbers: ${elements} of ${span}`);
  return { shape, strides, type, begin: place.begin + offset * type.bytes, elements, span };
}

/** The tensor's numbers, row-major, as float32. */
export async function readView(file: RandomAccessFile, view: TensorView): Promise<Float32Array> {
  const { shape, strides, type, begin, elements, span } = view;
  const numbers = new Float32Array(span);
  const chunk = CHUNK_BYTES / type.bytes;
  for (let done = 0; done < span; done += chunk) {
    const bytes = await file.read(begin + done * type.bytes, Math.min(chunk, span - done) * type.bytes);
    numbers.set(type.decode(bytes.buffer), done);
  }
  if (isContiguous(shape, strides)) return numbers;
  const gathered = new Float32Array(elements);
  const axes = shape.map((side, axis) => ({ side, stride: strides[axis] ?? 0 }));
  copyStrided(numbers, axes, gathered);
  return gathered;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  return shape.every((side, axis) => side === 1 || strides[axis] === elementCount(shape.slice(axis + 1)));
}
