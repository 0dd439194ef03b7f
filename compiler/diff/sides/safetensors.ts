import { z } from 'zod';
import type { Tensor } from '../report.ts';
import type { Refusal } from './spec-json.ts';

/** Bytes before the header's JSON: its length as a 64-bit integer, little-endian. */
export const LENGTH_BYTES = 8;

/** As the reference implementation has it. */
const LONGEST_HEADER = 100_000_000;

const METADATA = '__metadata__';

/** What a training keeps beside the weights in a checkpoint. */
const TRAINING_STATE = 'optimizer.';

/** The running means of parameters among that. */
const AVERAGE = `${TRAINING_STATE}average.`;

/** The format's types by what ONNX calls them; others are compared by their bytes alone. */
const typeNames: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
};

const metadataSchema = z.record(z.string(), z.string());
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** A tensor with the place of its numbers: bytes behind the header, the end exclusive. */
export interface PlacedTensor extends Tensor {
  /** As ONNX names it: "float32". */
  readonly type: string;
  readonly begin: number;
  readonly end: number;
}

export interface CheckpointHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** The weights, in the order in which they lie in the file. */
  readonly tensors: readonly PlacedTensor[];
  /** The running means that a training keeps of parameters, by the name of the parameter. */
  readonly averages: ReadonlyMap<string, PlacedTensor>;
}

/** How long the JSON of a safetensors file is that begins with these bytes. */
export function headerLength(start: Uint8Array): number | Refusal {
  if (start.length < LENGTH_BYTES) return damaged('it ends within its header');
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > LONGEST_HEADER) return damaged(`its header would have ${length} bytes`);
  return Number(length);
}

/** Reads the JSON of a safetensors header (https://github.com/huggingface/safetensors#format). */
export function readHeader(json: Uint8Array): CheckpointHeader | Refusal {
  const fields = parseObject(json);
  if (fields === undefined) return damaged('its header is not a JSON object');
  const metadata = metadataSchema.safeParse(fields.get(METADATA) ?? {});
  if (!metadata.success) return damaged('its metadata is not a table of texts');
  fields.delete(METADATA);
  const tensors: PlacedTensor[] = [];
  const averages = new Map<string, PlacedTensor>();
  for (const [name, value] of fields) {
    const isAverage = name.startsWith(AVERAGE);
    if (name.startsWith(TRAINING_STATE) && !isAverage) continue;
    const tensor = tensorSchema.safeParse(value);
    if (!tensor.success) return damaged(`tensor ${name} has no proper type, shape and offsets`);
    const { dtype, shape, data_offsets: place } = tensor.data;
    const placed = { shape, type: typeNames[dtype] ?? dtype.toLowerCase(), begin: place[0], end: place[1] };
    const of = name.slice(AVERAGE.length);
    if (isAverage) averages.set(of, { name: of, ...placed });
    else tensors.push({ name, ...placed });
  }
  tensors.sort((a, b) => a.begin - b.begin);
  return { metadata: new Map(Object.entries(metadata.data)), tensors, averages };
}

function parseObject(json: Uint8Array): Map<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? new Map(Object.entries(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

function damaged(because: string): Refusal {
  return { because, help: 'is it a .safetensors file, and whole?' };
}
