import { open } from 'node:fs/promises';
import { explainSystemError } from '../files.ts';
import type { CompiledModel } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { AVERAGE, OPTIMIZER, readMetadata } from './checkpoint-metadata.ts';
import { type CheckpointValues, chooseValues } from './checkpoint-values.ts';
import { NamingError } from './naming/scheme.ts';
import { type NamingName, recogniseNames } from './naming/schemes.ts';
import { openTorchCheckpoint } from './pth/open-checkpoint.ts';
import { SafetensorsFile } from './safetensors.ts';
import type { SourceTensors } from './weight-source.ts';

export type WeightsFormat = 'checkpoint' | 'safetensors' | 'pytorch' | 'pytorch-legacy';

/** A file of weights that is open. Its tensors are read when they are asked for; close it after use. */
export interface OpenedWeights {
  readonly path: string;
  /** `checkpoint`: one that a training run of this project saved. */
  readonly format: WeightsFormat;
  /** Whose names its tensors had; `undefined` if of no known scheme. */
  readonly naming: NamingName | undefined;
  /** Under their official names, or their own if these are of no known scheme; without an optimizer's. */
  readonly tensors: SourceTensors;
  /** Which of a checkpoint's weights `tensors` are; of other files `parameters`. */
  readonly values: CheckpointValues;
  /** What the file says beside its tensors, as texts. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The model that a checkpoint says it is of. */
  readonly model: CompiledModel | undefined;
  readonly close: () => Promise<void>;
}

/** Bytes at the beginning that tell what a file is. */
const HEAD_BYTES = 512;

interface FileKind {
  readonly matches: (head: Buffer) => boolean;
  /** Why it is not read, or how it is. */
  readonly open: string | ((path: string, values?: CheckpointValues) => Promise<OpenedWeights>);
}

const startsWith = (bytes: Uint8Array) => (head: Buffer) => head.subarray(0, bytes.length).equals(bytes);

/** What files begin with; the first that matches. */
const KINDS: readonly FileKind[] = [
  {
    matches: startsWith(Buffer.from('PK\x03\x04', 'latin1')),
    open: (path, values) => openTorch(path, 'zip', 'pytorch', values),
  },
  // A pickle of protocol 2 or newer.
  {
    matches: (head) => head.length > 1 && head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5,
    open: (path, values) => openTorch(path, 'legacy', 'pytorch-legacy', values),
  },
  // The length of a header, then JSON.
  { matches: (head) => head.length > 8 && head[8] === 0x7b, open: openSafetensors },
  {
    matches: (head) => head.toString('latin1', 257, 262) === 'ustar',
    open: 'it is a tar archive: if of PyTorch before 0.1.10, save it again with a newer version',
  },
  {
    matches: startsWith(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')),
    open: 'it is an HDF5 file, as of Keras',
  },
  { matches: startsWith(Buffer.from('GGUF', 'latin1')), open: 'it is a GGUF file' },
  { matches: startsWith(Buffer.from('\x93NUMPY', 'latin1')), open: 'it is a NumPy array' },
];

/**
 * Opens a file of weights, of whatever format and naming scheme, by what is in it. Of a checkpoint with running means these are its
 * weights, unless `values` says otherwise. Throws a `UserError` when it cannot be read, is damaged, has not the values that are asked
 * for, or is none of the formats: safetensors, a checkpoint of this project, and both formats of `torch.save`, of which nothing is run.
 */
export async function openWeights(path: string, values?: CheckpointValues): Promise<OpenedWeights> {
  const head = await readHead(path);
  const kind = KINDS.find(({ matches }) => matches(head));
  if (typeof kind?.open === 'function') return kind.open(path, values);
  const reason =
    kind?.open ??
    (head.length < 9 ? `it has only ${head.length} bytes` : 'its first bytes are of no known format');
  throw new UserError(
    `${path} is no file of weights that can be read: ${reason}`,
    'use a safetensors file or a PyTorch checkpoint (.pth, .pt, .bin)',
  );
}

/** Opens a file of weights as `openWeights` does, and closes it when `use` is done with it. */
export async function withWeights<T>(
  path: string,
  use: (weights: OpenedWeights) => Promise<T>,
  values?: CheckpointValues,
): Promise<T> {
  const weights = await openWeights(path, values);
  try {
    return await use(weights);
  } finally {
    await weights.close();
  }
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explainSystemError('read', path, error);
  }
}

async function openSafetensors(path: string, values?: CheckpointValues): Promise<OpenedWeights> {
  const file = await SafetensorsFile.open(path);
  try {
    const training = readMetadata(file);
    const stored = sourcesOf(file, (name) => (training && name.startsWith(OPTIMIZER) ? undefined : name));
    const averages = sourcesOf(file, (name) =>
      training && name.startsWith(AVERAGE) ? name.slice(AVERAGE.length) : undefined,
    );
    const chosen = chooseValues(path, stored, averages, values);
    const named = training ? { naming: 'official' as const } : nameTensors(path, stored);
    return {
      path,
      format: training ? 'checkpoint' : 'safetensors',
      ...chosen,
      ...named,
      metadata: file.metadata,
      model: training?.model,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Tensors of an open file under the names that they get; those that get none are left out. */
function sourcesOf(file: SafetensorsFile, rename: (name: string) => string | undefined): SourceTensors {
  return new Map(
    [...file.tensors.values()].flatMap(({ name, shape }) => {
      const given = rename(name);
      return given === undefined ? [] : [[given, { name: given, shape, read: () => file.read(name) }]];
    }),
  );
}

async function openTorch(
  path: string,
  container: 'zip' | 'legacy',
  format: WeightsFormat,
  wanted?: CheckpointValues,
): Promise<OpenedWeights> {
  const { tensors: stored, metadata, close } = await openTorchCheckpoint(path, container);
  try {
    const { values, tensors } = chooseValues(path, stored, new Map(), wanted);
    return { path, format, values, ...nameTensors(path, tensors), metadata, model: undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function nameTensors(path: string, stored: SourceTensors): Pick<OpenedWeights, 'naming' | 'tensors'> {
  try {
    const { scheme, tensors } = recogniseNames(stored);
    return { naming: scheme?.name, tensors };
  } catch (error) {
    if (!(error instanceof NamingError)) throw error;
    throw new UserError(
      `the tensors of ${path} cannot be told apart: ${error.message}`,
      'the file is damaged, or holds several models: save one of them alone',
      { cause: error },
    );
  }
}
