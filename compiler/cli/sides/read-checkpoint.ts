import type { Side, SideModel } from '../../diff/side.ts';
import {
  type CheckpointHeader,
  headerLength,
  LENGTH_BYTES,
  type PlacedTensor,
  readHeader,
} from '../../diff/sides/safetensors.ts';
import { readCheckpointSpec } from '../../diff/sides/spec-json.ts';
import type { Numbers } from '../../diff/weights/numbers.ts';
import type { FileTree } from './file-tree.ts';
import { granted, unreadable } from './granted.ts';

/** Reads a checkpoint: its header now, its numbers when they are asked for. Throws a `SourceError` that says why it cannot be read. */
export function readCheckpoint(tree: FileTree, place: string, label: string): Side {
  const bytes = (begin: number, length: number) => {
    const found = tree.readBytes(place, begin, length);
    if ('because' in found) throw unreadable(label, { ...found, help: 'name a checkpoint on disk' });
    return found;
  };
  const length = granted(headerLength(bytes(0, LENGTH_BYTES)), label);
  const header = granted(readHeader(bytes(LENGTH_BYTES, length)), label);
  const described = granted(readCheckpointSpec(place, header.metadata), label);
  const numbersOf = ({ name, type, begin, end }: PlacedTensor): Numbers => {
    const found = bytes(LENGTH_BYTES + length + begin, end - begin);
    if (found.length === end - begin) return { type, bytes: found };
    throw unreadable(label, {
      because: `it ends within tensor ${name}`,
      help: 'is it whole? Use another copy of it',
    });
  };
  const model: SideModel = {
    ...described,
    tensors: header.tensors.map(({ name, shape }) => ({ name, shape })),
    numbers: exportedNumbers(header, described, numbersOf),
  };
  return { label, kind: 'checkpoint', isFolder: false, models: [model], sources: new Map() };
}

/** As `mae export` takes them: of a classifier the running means of the parameters, where it has any. */
function exportedNumbers(
  { tensors, averages }: CheckpointHeader,
  { knows: [training] }: SideModel,
  numbersOf: (tensor: PlacedTensor) => Numbers,
): (name: string) => Numbers {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return (name) => {
    const tensor = (training === 'pretrain' ? undefined : averages.get(name)) ?? byName.get(name);
    if (tensor === undefined) throw new RangeError(`there is no tensor ${name}`);
    return numbersOf(tensor);
  };
}
