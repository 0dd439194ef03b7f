import { mixBatch } from '../data/augment/mixing.ts';
import { softTargets } from '../data/augment/soft-targets.ts';
import type { Pictures } from '../data/pictures.ts';
import { labelsOf } from '../data/source.ts';
import type { ClassificationBatch } from '../engine/engine.ts';
import type { CompiledClassifierRecipe, CompiledGraph } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { drawDrops } from './draw-drops.ts';
import { batchesFrom, type MicroBatchSource } from './micro-batches.ts';
import type { RunLength } from './run-length.ts';

export interface ClassificationBatches {
  /** The graph of the training step: it says what is to be left out at random. */
  readonly graph: Pick<CompiledGraph, 'inputs'>;
  readonly recipe: CompiledClassifierRecipe;
  readonly length: RunLength;
  /** Labelled ones. */
  readonly pictures: Pictures;
  /** How much a picture of each class counts; all the same if left out. */
  readonly classWeights?: Float32Array;
}

/**
 * The micro-batches of a run that trains a classifier: augmented pictures with soft targets, mixed within the micro-batch as the recipe
 * says. A picture's augmentation is a function of seed, epoch and picture; how a micro-batch is mixed, of seed, epoch and its number.
 */
export function classificationMicroBatches({
  graph,
  recipe,
  length,
  pictures,
  classWeights,
}: ClassificationBatches): MicroBatchSource<ClassificationBatch> {
  const { classes, labelSmoothing: smoothing, augment, seed } = recipe;
  const weights = classWeights ? { weights: classWeights } : {};
  return async function* (step) {
    for await (const batch of batchesFrom(step, recipe, length, pictures)) {
      const { epoch, index, images, indices, waitMs } = batch;
      const labels = labelsOf(pictures.source, indices);
      const targets = softTargets(labels, classes, { smoothing, ...weights });
      mixBatch(images, pictures.image, targets, augment.mixing, Random.from('mixing', seed, epoch, index));
      const drops = drawDrops(graph, indices, seed, epoch);
      yield { batch: { size: indices.length, images, targets, drops }, waited: waitMs / 1000 };
    }
  };
}
