import type { Tensor } from 'onnxruntime-node';
import type { CompiledParameter } from '../../../model/compiled-spec.ts';
import { toOfficialLayout, toStoredLayout } from '../../../weights/layout.ts';
import { EngineError, type NamedTensor } from '../../engine.ts';
import type { MatchedTensor } from '../official-tensors.ts';
import type { GpuTensors } from './gpu-tensors.ts';

/** Tensors of a model's parameters in the graphics device's memory, by name, which belong to the table. */
export class TensorTable {
  /** What they are, for messages. */
  readonly #what: string;
  readonly #tensors = new Map<string, Tensor>();

  constructor(what: string) {
    this.#what = what;
  }

  get isEmpty(): boolean {
    return this.#tensors.size === 0;
  }

  get(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor) return tensor;
    throw new EngineError(`there is no ${this.#what} of ${name} on the graphics device: load it first`);
  }

  /** Puts a tensor in the place of the one before, which is disposed of. */
  set(name: string, tensor: Tensor): void {
    const before = this.#tensors.get(name);
    this.#tensors.set(name, tensor);
    before?.dispose();
  }

  /** Exchanges two tables' tensors of a name. */
  swap(other: TensorTable, name: string): void {
    const [mine, others] = [this.get(name), other.get(name)];
    this.#tensors.set(name, others);
    other.#tensors.set(name, mine);
  }

  clear(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }

  /** Every tensor by its parameter, each name behind a prefix. */
  feeds(prefix = ''): Record<string, Tensor> {
    return Object.fromEntries([...this.#tensors].map(([name, tensor]) => [prefix + name, tensor]));
  }

  /** Takes tensors of the official layout. */
  async load(gpu: GpuTensors, matched: readonly MatchedTensor[]): Promise<void> {
    for (const { parameter, tensor } of matched) {
      const stored = new Float32Array(elements(parameter));
      toStoredLayout(parameter, tensor.data, stored);
      this.set(parameter.name, await gpu.upload(stored, parameter.storedShape));
    }
  }

  async fillZeros(gpu: GpuTensors, parameters: readonly CompiledParameter[]): Promise<void> {
    for (const parameter of parameters) {
      const zeros = new Float32Array(elements(parameter));
      this.set(parameter.name, await gpu.upload(zeros, parameter.storedShape));
    }
  }
}

/** Reads tensors back into the official layout; zeros where a table is empty. */
export async function readTables(
  gpu: GpuTensors,
  parameters: readonly CompiledParameter[],
  tableOf: (parameter: CompiledParameter) => TensorTable,
): Promise<NamedTensor[]> {
  const read: NamedTensor[] = [];
  for (const parameter of parameters) {
    const data = new Float32Array(elements(parameter));
    const table = tableOf(parameter);
    if (!table.isEmpty) toOfficialLayout(parameter, await gpu.download(table.get(parameter.name)), data);
    read.push({ name: parameter.name, shape: parameter.shape, data });
  }
  return read;
}

function elements({ shape }: CompiledParameter): number {
  return shape.reduce((product, side) => product * side, 1);
}
