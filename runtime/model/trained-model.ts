import { UserError } from '../user-error.ts';
import type {
  CompiledClassifier,
  CompiledClassifierRecipe,
  CompiledModel,
  CompiledParameter,
  CompiledRecipe,
  CompiledSpec,
} from './compiled-spec.ts';

/** What a run trains a model for. */
export const TRAININGS = ['pretrain', 'finetune', 'linear-probe'] as const;
export type Training = (typeof TRAININGS)[number];
export type ClassifierTraining = Exclude<Training, 'pretrain'>;

/** How messages name a training. */
export const TRAINING_NAMES: Readonly<Record<Training, string>> = {
  pretrain: 'pretraining',
  finetune: 'fine-tuning',
  'linear-probe': 'linear probing',
};

/**
 * What of a compiled model a run trains and a checkpoint holds: the masked autoencoder, or one of its classifiers. A `CompiledSpec` is
 * the first.
 */
export interface TrainedModel {
  readonly model: CompiledModel;
  /** Of the architecture. */
  readonly hash: string;
  readonly compiler: string;
  readonly parameters: readonly CompiledParameter[];
  /** Pretraining if left out. */
  readonly training?: Training;
  /** What a classifier's classes are called, a label being a place in this list. */
  readonly classNames?: readonly string[];
}

/** A classifier of a compiled model with its recipe. */
export interface FoundClassifier {
  readonly classifier: CompiledClassifier;
  readonly recipe: CompiledClassifierRecipe;
}

/** The classifier that was compiled for a training. @throws UserError where the spec asked for none. */
export function classifierOf(spec: CompiledSpec, training: ClassifierTraining): FoundClassifier {
  const classifier = spec.classifiers[training];
  const recipe = spec.recipes[training];
  if (classifier !== undefined && recipe !== undefined) return { classifier, recipe };
  throw new UserError(
    `${spec.model.name} has no ${training} recipe, so no classifier was compiled for ${TRAINING_NAMES[training]}`,
    `add one to its spec, such as ${training} using mae-${training}, and compile it again`,
  );
}

/** A classifier as a checkpoint holds it. */
export function trainedClassifier(
  { model, hash, compiler }: CompiledSpec,
  training: ClassifierTraining,
  { parameters }: CompiledClassifier,
  classNames: readonly string[],
): TrainedModel {
  return { model, hash, compiler, parameters, training, classNames };
}

/** Whether a recipe is one that has to do with pretraining only. */
export function isPretrainingRecipe(recipe: CompiledRecipe): recipe is CompiledRecipe {
  return !isClassifierRecipe(recipe);
}

/** Whether a recipe is one of a classifier. */
export function isClassifierRecipe(recipe: CompiledRecipe): recipe is CompiledClassifierRecipe {
  return 'classes' in recipe;
}
