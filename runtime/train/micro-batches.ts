import { type PictureBatch, type TrainingAugment, trainingBatches } from '../data/loader.ts';
import type { Pictures } from '../data/pictures.ts';
import type { PretrainingBatch } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { drawDrops } from './draw-drops.ts';
import { drawMasking, type MaskedModel } from './draw-masking.ts';
import { epochPosition, type RunLength } from './run-length.ts';

/** A batch that says how many pictures it has. */
export interface Sized {
  readonly size: number;
}

/** What the engine is given at once. */
export interface MicroBatch<Batch extends Sized> {
  readonly batch: Batch;
  /** Seconds that were spent waiting for it. */
  readonly waited: number;
}

/** A source of micro-batches: those of all steps after the first `step`, in order. */
export type MicroBatchSource<Batch extends Sized> = (step: number) => AsyncIterable<MicroBatch<Batch>>;

/**
 * The micro-batches of a pretraining run: augmented pictures with a masking, and with what is left out at random, that are functions
 * of seed, epoch and picture. They are the same wherever the run is begun, and, taken together, however many of them make a step.
 */
export function pretrainingMicroBatches(
  spec: MaskedModel & { readonly graphs: Pick<CompiledSpec['graphs'], 'pretrain-gradients'> },
  recipe: CompiledRecipe,
  length: RunLength,
  pictures: Pictures,
): MicroBatchSource<PretrainingBatch> {
  return async function* (step) {
    for await (const { epoch: at, images, indices, waitMs } of batchesFrom(step, recipe, length, pictures)) {
      const masking = drawMasking(spec, indices, recipe.seed, at);
      const drops = drawDrops(spec.graphs['pretrain-gradients'], indices, recipe.seed, at);
      yield { batch: { size: indices.length, images, masking, drops }, waited: waitMs / 1000 };
    }
  };
}

/** The augmented pictures of all steps after the first `step`, a micro-batch at a time. */
export async function* batchesFrom(
  step: number,
  recipe: Omit<CompiledRecipe, 'augment'> & { readonly augment: TrainingAugment },
  length: RunLength,
  pictures: Pictures,
): AsyncGenerator<PictureBatch, void, undefined> {
  const { epoch, stepInEpoch } = epochPosition(length, step);
  const batches = trainingBatches({
    pictures,
    augment: recipe.augment,
    batch: recipe.batch / recipe.accumulation,
    seed: recipe.seed,
    epoch,
    startBatch: stepInEpoch * recipe.accumulation,
    epochs: Math.ceil(length.steps / length.stepsPerEpoch) - epoch,
  });
  for await (const batch of batches) {
    if (batch.index < length.stepsPerEpoch * recipe.accumulation) yield batch;
  }
}
