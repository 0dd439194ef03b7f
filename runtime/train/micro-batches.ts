import { pretrainingBatches } from '../data/loader.ts';
import type { Pictures } from '../data/pictures.ts';
import type { PretrainingBatch } from '../engine/engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import { drawMasking, type MaskedModel } from './draw-masking.ts';
import { epochPosition, type RunLength } from './run-length.ts';

/** What the engine is given at once. */
export interface MicroBatch {
  readonly batch: PretrainingBatch;
  /** Seconds that were spent waiting for it. */
  readonly waited: number;
}

/** A source of micro-batches: those of all steps after the first `step`, in order. */
export type MicroBatchSource = (step: number) => AsyncIterable<MicroBatch>;

/**
 * The micro-batches of a pretraining run: augmented pictures with a masking that is a function of seed, epoch and picture. They are
 * the same wherever the run is begun, and, taken together, however many of them make a step.
 */
export function pretrainingMicroBatches(
  spec: MaskedModel,
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
      const masking = drawMasking(spec, indices, recipe.seed, at);
      yield { batch: { size: indices.length, images, masking }, waited: waitMs / 1000 };
    }
  };
}
