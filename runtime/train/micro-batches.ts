import { pretrainingBatches } from '../data/loader.ts';
import type { Pictures } from '../data/pictures.ts';
import type { PretrainingBatch } from '../engine/engine.ts';
import type { CompiledModel, CompiledRecipe } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { type Masking, maskingFromNoise } from './masking.ts';
import { epochPosition, type RunLength } from './run-length.ts';

/** What the engine is given at once. */
export interface MicroBatch {
  readonly batch: PretrainingBatch;
  /** Seconds that were spent waiting for it. */
  readonly waited: number;
}

/** A source of micro-batches: those of all steps after the first `step`, in order. */
export type MicroBatchSource = (step: number) => AsyncIterable<MicroBatch>;

/** How many patches a model's pictures have, and how many the encoder sees: int(L * (1 - ratio)), as the official code. */
export function maskLayout(model: Pick<CompiledModel, 'image' | 'patch' | 'mask'>): {
  readonly patches: number;
  readonly visible: number;
} {
  const { image, patch, mask } = model;
  const patches = (image.height / patch.height) * (image.width / patch.width);
  return { patches, visible: Math.trunc(patches * (1 - mask.ratio)) };
}

/** The masking of these pictures, each from its own random stream: what a picture's mask is depends on these keys alone. */
export function drawMasking(
  model: Pick<CompiledModel, 'image' | 'patch' | 'mask'>,
  pictures: readonly number[],
  ...keys: readonly (string | number)[]
): Masking {
  const { patches, visible } = maskLayout(model);
  const noise = new Float32Array(pictures.length * patches);
  pictures.forEach((picture, i) => {
    Random.from('masking', ...keys, picture).fillUniform(noise.subarray(i * patches, (i + 1) * patches));
  });
  return maskingFromNoise(noise, { size: pictures.length, patches, visible });
}

/**
 * The micro-batches of a pretraining run: augmented pictures with a masking that is a function of seed, epoch and picture. They are
 * the same wherever the run is begun, and, taken together, however many of them make a step.
 */
export function pretrainingMicroBatches(
  model: CompiledModel,
  recipe: CompiledRecipe,
  length: RunLength,
  pictures: Pictures,
): MicroBatchSource {
  return async function* (step) {
    const { epoch, stepInEpoch } = epochPosition(length, step);
    const batches = pretrainingBatches({
      pictures,
      augment: recipe.augment,
      batch: recipe.batch / recipe.accumulation,
      seed: recipe.seed,
      epoch,
      startBatch: stepInEpoch * recipe.accumulation,
      epochs: Math.ceil(length.steps / length.stepsPerEpoch) - epoch,
    });
    for await (const { epoch: at, index, images, indices, waitMs } of batches) {
      if (index >= length.stepsPerEpoch * recipe.accumulation) continue;
      const masking = drawMasking(model, indices, recipe.seed, at);
      yield { batch: { size: indices.length, images, masking }, waited: waitMs / 1000 };
    }
  };
}
