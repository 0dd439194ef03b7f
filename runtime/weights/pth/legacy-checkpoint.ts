import { unpickle } from '../pickle/unpickle.ts';
import { type PickledStorage, PickleError, PickleMap, type PickleValue } from '../pickle/values.ts';
import { persistentStorage, torchGlobal } from './globals.ts';
import type { RandomAccessFile } from './random-access-file.ts';
import { typeOfStorage } from './tensor-view.ts';
import type { StoragePlace, TorchFile } from './torch-file.ts';

/** What the first two pickles of a file hold. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Of all pickles before the numbers. */
const LONGEST_PICKLES = 64 * 1024 * 1024;

/**
 * Reads what `torch.save` wrote before version 1.6, and still does if asked to: five pickles (a magic number, a
 * protocol, the machine's type sizes, the object, the keys of its storages), then for each key the number of
 * elements, in eight bytes, and the elements. Throws a `PickleError` for other pickles and damaged ones.
 */
export async function readLegacyCheckpoint(file: RandomAccessFile): Promise<TorchFile> {
  const bytes = await file.read(0, Math.min(file.size, LONGEST_PICKLES));
  const storages = new Map<string, PickledStorage>();
  const persistent = (id: PickleValue): PickledStorage => {
    const storage = persistentStorage(id);
    const known = storages.get(storage.key);
    if (known === undefined) storages.set(storage.key, storage);
    else if (known.typeName !== storage.typeName || known.elements !== storage.elements) {
      throw new PickleError(`its storage ${storage.key} is of two types or sizes`);
    }
    return storage;
  };
  let position = 0;
  const next = (): PickleValue => {
    const { value, end } = unpickle(bytes, { globals: torchGlobal, persistent }, position);
    position = end;
    return value;
  };
  if (next() !== MAGIC) throw new PickleError('it is a pickle, but no PyTorch checkpoint');
  if (next() !== PROTOCOL) throw new PickleError(`its protocol is not ${PROTOCOL}`);
  const machine = next();
  if (machine instanceof PickleMap && machine.get('little_endian') === false) {
    throw new PickleError('its numbers are not little-endian');
  }
  const value = next();
  const keys = next();
  const places = await placeStorages(file, { keys, start: position }, storages);
  return { value, storage: (key) => places.get(key) };
}

/** Walks through the storages, which follow each other in the order of their keys. */
async function placeStorages(
  file: RandomAccessFile,
  { keys, start }: { readonly keys: PickleValue; readonly start: number },
  storages: ReadonlyMap<string, PickledStorage>,
): Promise<ReadonlyMap<string, StoragePlace>> {
  if (!Array.isArray(keys)) throw new PickleError('its list of storages is damaged');
  const places = new Map<string, StoragePlace>();
  let position = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined) throw new PickleError('it lists a storage that no tensor has');
    const width = typeOfStorage(storage.typeName)?.bytes;
    if (width === undefined) throw new PickleError(`it has numbers of the unknown type ${storage.typeName}`);
    const elements = Number((await file.read(position, 8)).readBigInt64LE());
    if (elements !== storage.elements) {
      throw new PickleError(
        `its storage ${storage.key} has ${elements} numbers instead of ${storage.elements}`,
      );
    }
    places.set(storage.key, { begin: position + 8, bytes: elements * width });
    position += 8 + elements * width;
    if (position > file.size) throw new PickleError('it is cut off');
  }
  return places;
}
