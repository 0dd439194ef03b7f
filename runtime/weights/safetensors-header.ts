import { z } from 'zod';
import { repeatedKey } from './repeated-key.ts';
import { TENSOR_TYPES, type TensorType } from './tensor-types.ts';

/**
 * The header of a safetensors file: eight bytes with its length, then that many bytes of JSON that say of
 * each tensor its type, shape and place in the rest of the file
 * (https://github.com/huggingface/safetensors#format).
 */

/** The reference implementation refuses longer headers, too. */
export const LONGEST_HEADER = 100_000_000;

/** Bytes before the JSON: its length as a 64-bit integer. */
export const LENGTH_BYTES = 8;

const METADATA = '__metadata__';

export interface TensorEntry {
  readonly name: string;
  readonly typeName: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Of its first byte, from the start of the tensors' data. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order in which they lie in the file. */
  readonly tensors: readonly TensorEntry[];
  /** Bytes of all tensors together. */
  readonly dataBytes: number;
}

const offset = z.int().min(0);
const entry = z.object({
  dtype: z.string(),
  shape: z.array(offset),
  data_offsets: z.tuple([offset, offset]),
});
const metadata = z.record(z.string(), z.string());

/** Why a header is not one; the reader adds the file's name. */
export class HeaderError extends Error {}

/**
 * Reads and checks the JSON of a header: every tensor of a known type, its bytes those that its shape needs,
 * and all tensors together without a gap or an overlap, as the format demands. Throws a `HeaderError` with
 * the reason otherwise.
 */
export function parseHeader(json: Uint8Array): SafetensorsHeader {
  const fields = parseFields(json);
  const found = fields.get(METADATA);
  const parsedMetadata = metadata.safeParse(found ?? {});
  if (!parsedMetadata.success) throw new HeaderError('its metadata is not a table of texts');
  fields.delete(METADATA);
  const tensors = Array.from(fields, ([name, value]) => parseEntry(name, value));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let dataBytes = 0;
  for (const { name, begin, end } of tensors) {
    if (begin < dataBytes)
      throw new HeaderError(`the bytes of tensor ${name} overlap those of another tensor`);
    if (begin > dataBytes) throw new HeaderError(`there is a gap before the bytes of tensor ${name}`);
    dataBytes = end;
  }
  return { metadata: new Map(Object.entries(parsedMetadata.data)), tensors, dataBytes };
}

function parseFields(json: Uint8Array): Map<string, unknown> {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    parsed = JSON.parse(text);
  } catch {
    throw new HeaderError('its header is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new HeaderError('its header is not a JSON object');
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new HeaderError(`its header has two entries ${twice}`);
  return new Map(Object.entries(parsed));
}

function parseEntry(name: string, value: unknown): TensorEntry {
  const parsed = entry.safeParse(value);
  if (!parsed.success) {
    throw new HeaderError(`tensor ${name} has no proper type, shape and offsets in the header`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const type = TENSOR_TYPES.get(dtype);
  if (type === undefined) {
    const known = [...TENSOR_TYPES.keys()].join(', ');
    throw new HeaderError(`tensor ${name} is of type ${dtype}, which is none of ${known}`);
  }
  const [begin, end] = data_offsets;
  const elements = shape.reduce((product, side) => product * side, 1);
  if (elements * type.bytes !== end - begin) {
    throw new HeaderError(
      `tensor ${name} of type ${dtype} and shape [${shape.join(', ')}] cannot have ${end - begin} bytes`,
    );
  }
  return { name, typeName: dtype, type, shape, elements, begin, end };
}

/** What a header is padded with, as a byte. */
const SPACE = 0x20;

/** Of each number that is written. */
const WRITTEN_BYTES = 4;

/** A tensor that is written. */
export interface WrittenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** F32 where nothing is said. */
  readonly typeName?: 'F32' | 'I32';
}

/**
 * The bytes of a header (length and JSON) for tensors that follow each other in the given order. The JSON is
 * padded with spaces so that the tensors begin at a multiple of eight bytes, as the reference implementation
 * writes it.
 */
export function formatHeader(
  tensors: readonly WrittenTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push([METADATA, metadata]);
  const names = new Set<string>([METADATA]);
  let begin = 0;
  for (const { name, shape, typeName = 'F32' } of tensors) {
    if (names.has(name)) throw new Error(`a safetensors file cannot have two tensors ${name}`);
    names.add(name);
    const end = begin + shape.reduce((product, side) => product * side, 1) * WRITTEN_BYTES;
    fields.push([name, { dtype: typeName, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  // Text by text: an object would sort names that look like integers to the front.
  const pairs = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${pairs.join(',')}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > LONGEST_HEADER) throw new Error(`a safetensors header of ${padded} bytes is too long`);
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(SPACE);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
