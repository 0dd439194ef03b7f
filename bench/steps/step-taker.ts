import type { PretrainingEngine } from '../../runtime/engine/engine.ts';
import type { CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { Random } from '../../runtime/random.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';

/**
 * Makes a function that takes one training step after the other, each on the same batch of random pictures with masks of its own, and
 * returns its loss. Initial parameters must be in the engine already.
 */
export function stepTaker(
  engine: PretrainingEngine,
  spec: CompiledSpec,
  size: number,
): () => Promise<number> {
  const { image } = spec.model;
  const { patches, visible } = spec.tokens;
  const random = Random.from('bench');
  const images = random.fillNormal(new Float32Array(size * image.channels * image.height * image.width), 1);
  const numbers = Array.from({ length: size }, (_, picture) => picture);
  // The recipe's own constants: where a step with the optimizer inside was compiled, it is for these.
  const update = { ...spec.recipes.pretrain.optimizer, learningRate: 1e-4 };
  return async () => {
    const noise = random.fillUniform(new Float32Array(size * patches));
    const masking = maskingFromNoise(noise, { size, patches, visible });
    const drops = drawDrops(spec.graphs['pretrain-gradients'], numbers, 'bench');
    const batch = { size, images, masking, drops };
    if (engine.step) return engine.step(batch, update);
    const loss = await engine.accumulate(batch, 1);
    await engine.update(update);
    return loss;
  };
}
