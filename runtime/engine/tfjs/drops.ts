import { type Tensor2D, tensor2d } from '@tensorflow/tfjs';
import type { CompiledGraph } from '../../model/compiled-spec.ts';
import { type DropFactors, factorsFor } from '../drop-factors.ts';
import { EngineError } from '../engine.ts';

/**
 * What a training step leaves out at random: factors for the results of layers, by the name that `spec.json` has for them
 * ("dropout:blocks.3.mlp.fc1"). A result without factors stays as it is, and so does every result where there are no drops.
 */
export type Drops = ReadonlyMap<string, Tensor2D>;

/**
 * A batch's factors as tensors on the current backend, of the shapes that the compiled step gives them. The caller disposes of
 * them. Throws an `EngineError` when the batch lacks some, or has others.
 */
export function dropTensors(
  { inputs }: Pick<CompiledGraph, 'inputs'>,
  { size, drops }: { readonly size: number; readonly drops?: DropFactors },
): Drops {
  const tensors = new Map<string, Tensor2D>();
  for (const input of inputs) {
    if (input.role !== 'random') continue;
    const factors = factorsFor(input, drops);
    const [rows = 0, width = 0] = input.shape.map((side) =>
      typeof side === 'number' ? side : side.perExample * size,
    );
    if (factors.length !== rows * width) {
      throw new EngineError(
        `${input.name} has ${factors.length} numbers; a batch of ${size} needs ${rows * width}`,
      );
    }
    tensors.set(input.name, tensor2d(factors, [rows, width]));
  }
  return tensors;
}
