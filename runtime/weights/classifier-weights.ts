import type { NamedTensor } from '../engine/engine.ts';
import type { CompiledClassifier, CompiledSpec } from '../model/compiled-spec.ts';
import type { ClassifierTraining } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { readCheckpointFacts } from './checkpoint.ts';
import type { CheckpointValues } from './checkpoint-values.ts';
import { type OpenedWeights, withWeights } from './open-weights.ts';
import { planTransfer, transferWeights } from './transfer.ts';

/** The weights of a trained classifier. */
export interface ClassifierWeights {
  readonly parameters: readonly NamedTensor[];
  /** What its classes are called, where the file says it. */
  readonly classNames: readonly string[] | undefined;
  /** Which of the file's weights these are. */
  readonly values: CheckpointValues;
}

/** What the file's classifier was trained as; undefined for files that are no checkpoints of this project. */
export async function trainingOf(path: string): Promise<ClassifierTraining | undefined> {
  const facts = await readCheckpointFacts(path);
  if (facts === undefined) return undefined;
  if (facts.training !== 'pretrain') return facts.training;
  throw new UserError(
    `${path} is a checkpoint of pretraining: it has no classifier`,
    'train one first: mae finetune or mae linear-probe; or compare features by --knn',
  );
}

/**
 * Reads a classifier from any file of weights that `openWeights` reads. Of a checkpoint with running means these are read, unless
 * `wanted` says otherwise. Throws a `UserError` where the head is missing or another part is or has other shapes.
 */
export async function loadClassifier(
  path: string,
  spec: CompiledSpec,
  { parameters }: CompiledClassifier,
  wanted?: CheckpointValues,
): Promise<ClassifierWeights> {
  const facts = await readCheckpointFacts(path);
  const read = async (weights: OpenedWeights) => {
    const plan = planTransfer({ name: spec.model.name, parameters, model: spec.model }, weights);
    const missing = plan.planned.filter(({ action }) => action === 'initialised');
    if (missing.length > 0) {
      const names = missing.map(({ parameter }) => parameter.name).join(', ');
      throw new UserError(
        `the weights in ${path} are not of this classifier: ${names} are missing or have other shapes`,
        'use a checkpoint of mae finetune or mae linear-probe of this model, compiled for as many classes',
      );
    }
    return { parameters: await transferWeights(plan, 0), values: weights.values };
  };
  return { ...(await withWeights(path, read, wanted)), classNames: facts?.classNames };
}
