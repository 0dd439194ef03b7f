import { type Tensor, tensor } from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { toOfficialLayout, toStoredLayout } from '../../weights/layout.ts';
import { tensorDifferences } from '../../weights/model-differences.ts';
import { EngineError, type NamedTensor } from '../engine.ts';

/**
 * Finds a tensor's numbers by name, all of which are there in the parameters' shapes: otherwise an `EngineError` says what
 * differs. `what` names them in the message.
 */
export function checkTensors(
  what: string,
  tensors: Iterable<NamedTensor>,
  parameters: readonly CompiledParameter[],
): (name: string) => Float32Array {
  const given = [...tensors];
  const differences = tensorDifferences(given, parameters);
  if (differences.length > 0)
    throw new EngineError(`the ${what} are not this model's: ${differences.join('; ')}`);
  const numbers = new Map(given.map(({ name, data }) => [name, data]));
  return (name) => numbers.get(name) ?? new Float32Array();
}

/** A tensor on the current backend, in the stored layout, of numbers in the official one. */
export function storedTensor(parameter: CompiledParameter, official: Float32Array): Tensor {
  return tensor(toStored(parameter, official), parameter.storedShape);
}

export function toStored(parameter: CompiledParameter, official: Float32Array): Float32Array {
  const stored = new Float32Array(official.length);
  toStoredLayout(parameter, official, stored);
  return stored;
}

/** Reads tensors back into the official layout; zeros where there is no tensor. */
export async function readTensors(
  parameters: readonly CompiledParameter[],
  tensorOf: (parameter: CompiledParameter) => Tensor | undefined,
): Promise<NamedTensor[]> {
  const read: NamedTensor[] = [];
  for (const parameter of parameters) {
    const { name, shape } = parameter;
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    const stored = tensorOf(parameter);
    if (stored) toOfficialLayout(parameter, await stored.data<'float32'>(), data);
    read.push({ name, shape, data });
  }
  return read;
}
