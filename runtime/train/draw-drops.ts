import type { DropFactors } from '../engine/drop-factors.ts';
import type { CompiledGraph } from '../model/compiled-spec.ts';
import { Random, type RandomKey } from '../random.ts';

/**
 * Draws what a training step leaves out of these pictures at random: for each `random` input of its graph factors that are
 * 1 / keep with the probability `keep`, and 0 otherwise. Each picture has a random stream of its own for each input: what is left
 * out of it depends on these keys alone, whatever batch it is in.
 */
export function drawDrops(
  { inputs }: Pick<CompiledGraph, 'inputs'>,
  pictures: readonly number[],
  ...keys: readonly RandomKey[]
): DropFactors {
  const drops = new Map<string, Float32Array>();
  for (const { name, role, shape, keep } of inputs) {
    if (role !== 'random' || keep === undefined) continue;
    const each = shape.reduce<number>(
      (product, side) => product * (typeof side === 'number' ? side : side.perExample),
      1,
    );
    const factors = new Float32Array(pictures.length * each);
    pictures.forEach((picture, i) => {
      const random = Random.from('drop', name, ...keys, picture);
      for (let at = i * each; at < (i + 1) * each; at++) {
        factors[at] = random.bits() < keep * 2 ** 32 ? 1 / keep : 0;
      }
    });
    drops.set(name, factors);
  }
  return drops;
}
