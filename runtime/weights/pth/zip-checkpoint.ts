import { unpickle } from '../pickle/unpickle.ts';
import { persistentStorage, torchGlobal } from './globals.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import type { TorchFile } from './torch-file.ts';
import { readZipEntries, type ZipEntry, ZipError } from './zip-archive.ts';

/** Of `data.pkl`: it holds names and shapes, no numbers. */
const LONGEST_PICKLE = 64 * 1024 * 1024;

const PICKLE = 'data.pkl';

/**
 * Reads what `torch.save` writes since version 1.6: a zip archive with the pickle `<name>/data.pkl` and the numbers of storage N
 * in `<name>/data/N`. Throws a `ZipError` or `PickleError` for other archives and damaged ones.
 */
export async function readZipCheckpoint(file: RandomAccessFile): Promise<TorchFile> {
  const entries = await readZipEntries(file);
  const folder = findFolder(entries);
  const byteOrder = entries.get(`${folder}byteorder`);
  if (
    byteOrder !== undefined &&
    (await file.read(byteOrder.begin, byteOrder.bytes)).toString() !== 'little'
  ) {
    throw new ZipError('its numbers are not little-endian');
  }
  const pickle = entries.get(folder + PICKLE);
  if (pickle === undefined) throw new ZipError(`its entry ${PICKLE} is missing`);
  if (pickle.bytes > LONGEST_PICKLE) throw new ZipError(`its entry ${PICKLE} has ${pickle.bytes} bytes`);
  const bytes = await file.read(pickle.begin, pickle.bytes);
  const { value } = unpickle(bytes, { globals: torchGlobal, persistent: persistentStorage });
  return { value, storage: (key) => entries.get(`${folder}data/${key}`) };
}

/** The one folder of the archive, with a slash after it. */
function findFolder(entries: ReadonlyMap<string, ZipEntry>): string {
  const names = [...entries.keys()];
  if (names.some((name) => /^[^/]*\/(code\/|constants\.pkl$)/.test(name))) {
    throw new ZipError('it is a TorchScript program, not a checkpoint');
  }
  const found = names.find((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (found === undefined) {
    throw new ZipError(`it is a zip archive without ${PICKLE}, so no PyTorch checkpoint`);
  }
  return found.slice(0, -PICKLE.length);
}
