import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { NamedTensor } from '../../runtime/engine/engine.ts';
import { SafetensorsFile } from '../../runtime/weights/safetensors.ts';

/** The cases of this repository. */
export const recordedFolder = fileURLToPath(new URL('../fixtures/reference', import.meta.url));

/**
 * The cases that the whole project is compared with: those in `MAE_REFERENCE_DIR`, or the ones of this
 * repository.
 */
export const referenceFolder = process.env.MAE_REFERENCE_DIR ?? recordedFolder;

const description = z.object({
  case: z.string(),
  kind: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** Largest absolute and relative difference of PyTorch's float32 run from the float64 one, by tensor. */
  f32_deviation: z.record(z.string(), z.tuple([z.number(), z.number()])).default({}),
});

/** One case recorded from the official code; see the `notes` and `tensor_groups` of its JSON file. */
export interface ReferenceCase {
  readonly name: string;
  /** "mae_pretrain", "vit_finetune", "vit_linprobe", "sincos_table", … */
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The whole JSON file. */
  readonly json: unknown;
  /** Names of all tensors. */
  readonly tensorNames: readonly string[];
  /** A tensor as float32, whatever its type in the file. Throws when there is none of that name. */
  tensor(name: string): NamedTensor;
  /** A tensor's numbers as float64, whatever its type in the file. */
  float64(name: string): Float64Array;
  /**
   * How far PyTorch's own float32 run is from the recorded values, relative to the tensor's largest;
   * `undefined` if not recorded.
   */
  float32Deviation(name: string): number | undefined;
}

/** The names of the recorded cases, sorted: every JSON file with a safetensors file beside it. */
export async function referenceCaseNames(): Promise<string[]> {
  const files = new Set(await readdir(referenceFolder));
  return [...files]
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => files.has(`${name}.safetensors`))
    .sort();
}

/** Reads one case, all of it. */
export async function loadReferenceCase(name: string, folder = referenceFolder): Promise<ReferenceCase> {
  const json = await readReferenceJson(`${name}.json`, folder);
  const { kind, config, f32_deviation } = description.parse(json);
  const tensors = new Map<string, { readonly shape: readonly number[]; readonly numbers: Float64Array }>();
  const file = await SafetensorsFile.open(join(folder, `${name}.safetensors`));
  try {
    for (const { name: tensor, shape } of file.tensors.values()) {
      tensors.set(tensor, { shape, numbers: await file.readFloat64(tensor) });
    }
  } finally {
    await file.close();
  }
  const find = (tensor: string) => {
    const found = tensors.get(tensor);
    if (found === undefined) throw new RangeError(`reference case ${name} has no tensor ${tensor}`);
    return found;
  };
  return {
    name,
    kind,
    config,
    json,
    tensorNames: [...tensors.keys()],
    tensor: (tensor) => {
      const { shape, numbers } = find(tensor);
      return { name: tensor, shape, data: new Float32Array(numbers) };
    },
    float64: (tensor) => find(tensor).numbers,
    float32Deviation: (tensor) => f32_deviation[tensor]?.[1],
  };
}

/** A JSON file of the reference folder, such as `counts.json`. */
export async function readReferenceJson(file: string, folder = referenceFolder): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

/**
 * The largest absolute difference, divided by the largest absolute expected value. NaN when anything is NaN.
 */
export function relativeDeviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`${actual.length} numbers cannot be compared with ${expected.length}`);
  }
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i] ?? Number.NaN;
    difference = Math.max(difference, Math.abs((actual[i] ?? Number.NaN) - wanted));
    largest = Math.max(largest, Math.abs(wanted));
  }
  return difference === 0 ? 0 : difference / largest;
}
