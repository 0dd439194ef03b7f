import type { CompiledTensor } from '../model/compiled-spec.ts';
import { EngineError } from './engine.ts';

/**
 * What a training step leaves out at random: the factors of each `random` input of its graph, by the input's name. See
 * `drawDrops`.
 */
export type DropFactors = ReadonlyMap<string, Float32Array>;

/** The factors for an input. Throws an `EngineError` where a batch has none. */
export function factorsFor(
  { name }: Pick<CompiledTensor, 'name'>,
  drops: DropFactors | undefined,
): Float32Array {
  const factors = drops?.get(name);
  if (!factors) throw new EngineError(`this batch lacks the random factors ${name}`);
  return factors;
}
