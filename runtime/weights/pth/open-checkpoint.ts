import { UserError } from '../../user-error.ts';
import { ForbiddenGlobalError, PickleError } from '../pickle/values.ts';
import type { SourceTensor, SourceTensors } from '../weight-source.ts';
import { readLegacyCheckpoint } from './legacy-checkpoint.ts';
import { RandomAccessFile } from './random-access-file.ts';
import { findStateDict, plainMetadata } from './state-dict.ts';
import { readView, viewTensor } from './tensor-view.ts';
import type { TorchFile } from './torch-file.ts';
import { ZipError } from './zip-archive.ts';
import { readZipCheckpoint } from './zip-checkpoint.ts';

/** The two formats of `torch.save`. */
const READERS = { zip: readZipCheckpoint, legacy: readLegacyCheckpoint } as const;

export interface TorchCheckpoint {
  /** By the names that they have in the file. */
  readonly tensors: SourceTensors;
  /** What the file says beside its tensors: "epoch", "args.blr". */
  readonly metadata: ReadonlyMap<string, string>;
  readonly close: () => Promise<void>;
}

/**
 * Opens what `torch.save` wrote, as data: nothing in it is run. All of its tensors are checked to lie inside the
 * file, and read when they are asked for. Throws a `UserError` when it is damaged, holds no weights, or asks for
 * a class or function that weights do not consist of. Close it after use.
 */
export async function openTorchCheckpoint(
  path: string,
  format: keyof typeof READERS,
): Promise<TorchCheckpoint> {
  const file = await RandomAccessFile.open(path);
  try {
    const torch = await READERS[format](file);
    return {
      tensors: listTensors(file, torch),
      metadata: plainMetadata(torch.value),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw explain(path, error);
  }
}

function listTensors(file: RandomAccessFile, { value, storage }: TorchFile): SourceTensors {
  const tensors = new Map<string, SourceTensor>();
  for (const [name, tensor] of findStateDict(value)) {
    try {
      const view = viewTensor(tensor, storage(tensor.storage.key));
      tensors.set(name, { name, shape: view.shape, read: () => readView(file, view) });
    } catch (error) {
      if (error instanceof PickleError) throw new PickleError(`its tensor ${name} ${error.message}`);
      throw error;
    }
  }
  return tensors;
}

function explain(path: string, error: unknown): unknown {
  if (error instanceof ForbiddenGlobalError) {
    return new UserError(
      `${path} asks for ${error.global}, which weights do not consist of; nothing in the file was run`,
      'save the weights alone, with PyTorch: torch.save(model.state_dict(), path); or as a safetensors file',
      { cause: error },
    );
  }
  if (!(error instanceof PickleError || error instanceof ZipError)) return error;
  return new UserError(
    `${path} cannot be read as a PyTorch checkpoint: ${error.message}`,
    'the file is damaged, or of another kind: use another copy of it',
    { cause: error },
  );
}
