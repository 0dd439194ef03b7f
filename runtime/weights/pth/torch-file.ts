import type { PickleValue } from '../pickle/values.ts';

/** Where the numbers of a storage lie in a file. */
export interface StoragePlace {
  readonly begin: number;
  readonly bytes: number;
}

/** What is in a file that `torch.save` wrote: the object that was saved, and where its tensors' numbers are. */
export interface TorchFile {
  readonly value: PickleValue;
  /** By key; `undefined` for one that the file does not hold. */
  readonly storage: (key: string) => StoragePlace | undefined;
}
