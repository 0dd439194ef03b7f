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

const metadataSchema = z.record(z.string(), z.string());
const tensorSchema = z.object({
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

export interface CheckpointHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** The weights, in the order in which they lie in the file. */
  readonly tensors: readonly Tensor[];
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
  const tensors: (Tensor & { readonly begin: number })[] = [];
  for (const [name, value] of fields) {
    if (name.startsWith(TRAINING_STATE)) continue;
    const tensor = tensorSchema.safeParse(value);
    if (!tensor.success) return damaged(`tensor ${name} has no proper shape and offsets`);
    tensors.push({ name, shape: tensor.data.shape, begin: tensor.data.data_offsets[0] });
  }
  tensors.sort((a, b) => a.begin - b.begin);
  return {
    metadata: new Map(Object.entries(metadata.data)),
    tensors: tensors.map(({ name, shape }) => ({ name, shape })),
  };
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
