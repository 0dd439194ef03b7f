import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { toOfficialLayout, toStoredLayout } from '../../weights/layout.ts';
import { EngineError, type NamedTensor } from '../engine.ts';

/** Where numbers of a parameter are (its value, a moment), in its stored layout. */
export type ArrayOf = (parameter: CompiledParameter) => Float32Array;

/** What `checkedLoad` is for: tensors of a model's parameters. */
export interface TensorGroup {
  /** The model's name. */
  readonly model: string;
  /** What one of them is, for messages. */
  readonly what: string;
  readonly parameters: readonly CompiledParameter[];
  readonly arrayOf: ArrayOf;
}

/** A parameter and a tensor of its shape. */
export interface MatchedTensor {
  readonly parameter: CompiledParameter;
  readonly tensor: NamedTensor;
}

/** Finds every parameter's tensor, in its official shape. Throws an `EngineError` when one is missing or of another shape. */
export function matchTensors(
  { model, what, parameters }: Omit<TensorGroup, 'arrayOf'>,
  tensors: Iterable<NamedTensor>,
): MatchedTensor[] {
  const given = new Map([...tensors].map((tensor) => [tensor.name, tensor]));
  return parameters.map((parameter) => {
    const { name, shape } = parameter;
    const tensor = given.get(name);
    if (!tensor) throw new EngineError(`the ${what} ${name} of ${model} is missing`);
    if (tensor.shape.length !== shape.length || shape.some((side, axis) => side !== tensor.shape[axis])) {
      throw new EngineError(`the ${what} ${name} has shape [${tensor.shape}]; it must be [${shape}]`);
    }
    return { parameter, tensor };
  });
}

/** As `matchTensors`; returns what then writes them all. */
export function checkedLoad(group: TensorGroup, tensors: Iterable<NamedTensor>): () => void {
  const pairs = matchTensors(group, tensors);
  return () => {
    for (const { parameter, tensor } of pairs) {
      toStoredLayout(parameter, tensor.data, group.arrayOf(parameter));
    }
  };
}

/** Tensors in the official layout that are converted each time they are asked for. */
export function officialViews(parameters: readonly CompiledParameter[], arrayOf: ArrayOf): NamedTensor[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    get data() {
      const data = new Float32Array(parameter.shape.reduce(multiply, 1));
      toOfficialLayout(parameter, arrayOf(parameter), data);
      return data;
    },
  }));
}

/** Tensors in the official layout, as they are now. */
export function officialCopies(parameters: readonly CompiledParameter[], arrayOf: ArrayOf): NamedTensor[] {
  return officialViews(parameters, arrayOf).map(({ name, shape, data }) => ({ name, shape, data }));
}

const multiply = (product: number, side: number): number => product * side;
