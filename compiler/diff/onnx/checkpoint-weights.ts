import type { OnnxWeight, OnnxWeightChange, Tensor } from '../report.ts';
import type { SideModel } from '../side.ts';
import { decodeNumbers, differenceOf, type Numbers, type Values } from '../weights/numbers.ts';
import {
  inStoredOrder,
  possibleLayouts,
  type StoredLayout,
  storedLayouts,
} from '../weights/stored-layout.ts';
import type { OnnxFile } from './onnx-file.ts';

/** A checkpoint to compare an ONNX file with. */
export interface CheckpointWeights {
  readonly tensors: readonly Tensor[];
  readonly numbers: (name: string) => Numbers;
  readonly layouts: ReadonlyMap<string, StoredLayout>;
  readonly sha256: (bytes: Uint8Array) => string;
}

/** Undefined for a model of a side that holds no numbers. */
export function checkpointWeights(
  model: SideModel,
  sha256: CheckpointWeights['sha256'],
): CheckpointWeights | undefined {
  const { tensors, numbers } = model;
  if (tensors === undefined || numbers === undefined) return undefined;
  return { tensors, numbers, layouts: storedLayouts(model), sha256 };
}

type Row = Omit<OnnxWeightChange, 'old' | 'new' | 'renamed'> & {
  /** The checkpoint's name, where it is another. */
  readonly other?: string;
  readonly file: OnnxWeight | null;
  readonly checkpoint: OnnxWeight | null;
};

/**
 * Every weight and parameter of an ONNX file and every tensor of a checkpoint once, compared number by number: by name, whichever way the
 * file stores them, and what is left of the file by the numbers. `fileIs` says which side the file is.
 */
export function compareWithCheckpoint(
  file: OnnxFile,
  checkpoint: CheckpointWeights,
  fileIs: 'old' | 'new',
): OnnxWeightChange[] {
  const byName = new Map(checkpoint.tensors.map((tensor) => [tensor.name, tensor]));
  const unused = checkpoint.tensors.filter(({ name }) => !file.weights.has(name));
  const others = new OtherNames(unused, checkpoint);
  const rows = [...file.weights].map(([name, weight]): Row => {
    const tensor = byName.get(name);
    if (tensor !== undefined)
      return { name, file: weight, ...compare(name, weight, tensor, file, checkpoint) };
    const other = others.take(weight);
    if (other !== undefined)
      return { name, other: other.name, fate: 'renamed', file: weight, checkpoint: weight };
    return { name, fate: fileIs === 'old' ? 'dropped' : 'new', file: weight, checkpoint: null };
  });
  const left = others.left.map(
    (tensor): Row => ({ name: tensor.name, fate: 'unused', file: null, checkpoint: listed(tensor) }),
  );
  return [...rows, ...left].map((row) => oriented(row, fileIs));
}

function oriented({ file, checkpoint, other, name, ...row }: Row, fileIs: 'old' | 'new'): OnnxWeightChange {
  if (fileIs === 'old') {
    return { name, ...(other === undefined ? {} : { renamed: other }), ...row, old: file, new: checkpoint };
  }
  // What is an input of the newer side was taken out of the older one.
  const fate = row.fate === 'embedded' ? 'taken-out' : row.fate;
  const names = other === undefined ? { name } : { name: other, renamed: name };
  return { ...names, ...row, fate, old: checkpoint, new: file };
}

function listed({ shape }: Tensor): OnnxWeight {
  return { type: 'float32', shape, sha256: null };
}

/** A weight of the file and the tensor of its name. */
function compare(
  name: string,
  weight: OnnxWeight,
  tensor: Tensor,
  file: OnnxFile,
  checkpoint: CheckpointWeights,
): Pick<Row, 'fate' | 'checkpoint' | 'numbers'> {
  if (weight.sha256 === null) return { fate: 'embedded', checkpoint: listed(tensor) };
  const held = checkpoint.numbers(name);
  const plain = { type: held.type, shape: tensor.shape, sha256: checkpoint.sha256(held.bytes) };
  const official = decodeNumbers(held);
  const layouts = possibleLayouts(tensor.shape, weight.shape, checkpoint.layouts.get(name));
  const [first] = layouts;
  if (first === undefined || official === undefined) {
    const same = official === undefined && plain.sha256 === weight.sha256 && plain.type === weight.type;
    return { fate: same ? 'kept' : 'replaced', checkpoint: plain };
  }
  const stored = layouts.map((layout) => {
    const values = inStoredOrder(official, tensor.shape, layout);
    const sha256 = checkpoint.sha256(held.type === 'float32' ? bytesOf(values) : held.bytes);
    return { values, of: { type: held.type, shape: layout.storedShape, sha256 } };
  });
  const sameType = held.type === weight.type;
  const equal = sameType && stored.find(({ of }) => of.sha256 === weight.sha256);
  if (equal) return { fate: 'kept', checkpoint: equal.of };
  const [{ values, of } = { values: official, of: plain }] = stored;
  const own = valuesIn(file, name);
  const numbers = own?.length === values.length ? { numbers: differenceOf(own, values) } : {};
  return { fate: sameType ? 'changed' : 'replaced', checkpoint: of, ...numbers };
}

function valuesIn(file: OnnxFile, name: string): Values | undefined {
  const numbers = file.numbers(name);
  return numbers && decodeNumbers(numbers);
}

function bytesOf({ buffer, byteOffset, byteLength }: Values): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Tensors of a checkpoint that the file has not by name; by their numbers when the first is asked for. */
class OtherNames {
  private readonly tensors: readonly Tensor[];
  private readonly checkpoint: CheckpointWeights;
  private readonly taken = new Set<Tensor>();
  private hashes: Map<string, Tensor[]> | undefined;

  constructor(tensors: readonly Tensor[], checkpoint: CheckpointWeights) {
    this.tensors = tensors;
    this.checkpoint = checkpoint;
  }

  get left(): Tensor[] {
    return this.tensors.filter((tensor) => !this.taken.has(tensor));
  }

  /** The tensor with just these numbers, which is then no other's. */
  take({ sha256, shape }: OnnxWeight): Tensor | undefined {
    if (sha256 === null) return undefined;
    this.hashes ??= this.hashAll();
    const found = this.hashes.get(`${shape.join()} ${sha256}`)?.find((tensor) => !this.taken.has(tensor));
    if (found !== undefined) this.taken.add(found);
    return found;
  }

  private hashAll(): Map<string, Tensor[]> {
    const hashes = new Map<string, Tensor[]>();
    const { numbers, layouts, sha256 } = this.checkpoint;
    for (const tensor of this.tensors) {
      const held = numbers(tensor.name);
      const official = held.type === 'float32' ? decodeNumbers(held) : undefined;
      if (official === undefined) continue;
      const compiled = layouts.get(tensor.name);
      const shapes = [compiled?.storedShape, tensor.shape, [...tensor.shape].reverse()];
      const keys = new Set(
        shapes.flatMap((shape) =>
          possibleLayouts(tensor.shape, shape ?? [], compiled).map((layout) => {
            const stored = inStoredOrder(official, tensor.shape, layout);
            return `${layout.storedShape.join()} ${sha256(bytesOf(stored))}`;
          }),
        ),
      );
      for (const key of keys) hashes.set(key, [...(hashes.get(key) ?? []), tensor]);
    }
    return hashes;
  }
}
