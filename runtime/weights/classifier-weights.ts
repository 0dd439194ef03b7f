import type { NamedTensor } from '../engine/engine.ts';
import type { CompiledClassifier, CompiledSpec } from '../model/compiled-spec.ts';
import type { ClassifierTraining } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { readAverages, readCheckpointFacts } from './checkpoint.ts';
import { withWeights } from './open-weights.ts';
import { planTransfer, transferWeights } from './transfer.ts';
import type { SourceTensors } from './weight-source.ts';

/** The weights of a trained classifier. */
export interface ClassifierWeights {
  readonly parameters: readonly NamedTensor[];
  /** What its classes are called, where the file says it. */
  readonly classNames: readonly string[] | undefined;
  /** Whether these are the running means of the parameters that the training kept. */
  readonly averaged: boolean;
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
 * Reads a classifier from a checkpoint, in which the running means of the parameters count if there are any, or from any file of weights
 * that `openWeights` reads. Throws a `UserError` where the head is missing or another part is or has other shapes.
 */
export async function loadClassifier(
  path: string,
  spec: CompiledSpec,
  { parameters }: CompiledClassifier,
): Promise<ClassifierWeights> {
  const facts = await readCheckpointFacts(path);
  const averages = facts === undefined ? [] : await readAverages(path, parameters);
  const tensors = await withWeights(path, (weights) => {
    const source = { ...weights, tensors: averagedTensors(weights.tensors, averages) };
    const plan = planTransfer({ name: spec.model.name, parameters, model: spec.model }, source);
    const missing = plan.planned.filter(({ action }) => action === 'initialised');
    if (missing.length > 0) {
      const names = missing.map(({ parameter }) => parameter.name).join(', ');
      throw new UserError(
        `the weights in ${path} are not of this classifier: ${names} are missing or have other shapes`,
        'use a checkpoint of mae finetune or mae linear-probe of this model, compiled for as many classes',
      );
    }
    return transferWeights(plan, 0);
  });
  return {
    parameters: tensors,
    classNames: facts?.classNames,
    averaged: averages.length > 0,
  };
}

/** A file's tensors with averages in the place of those that have one. */
function averagedTensors(tensors: SourceTensors, averages: readonly NamedTensor[]): SourceTensors {
  const merged = new Map(tensors);
  for (const { name, data } of averages) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) merged.set(name, { ...tensor, read: async () => data });
  }
  return merged;
}
