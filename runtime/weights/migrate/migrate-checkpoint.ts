import { basename } from 'node:path';
import type { NamedTensor } from '../../engine/engine.ts';
import type {
  CompiledClassifierRecipe,
  CompiledParameter,
  CompiledRecipe,
  CompiledSpec,
} from '../../model/compiled-spec.ts';
import {
  classifierOf,
  isClassifierRecipe,
  type TrainedModel,
  trainedClassifier,
} from '../../model/trained-model.ts';
import { UserError } from '../../user-error.ts';
import { type Checkpoint, type CheckpointContents, loadCheckpoint } from '../checkpoint.ts';
import { AVERAGE, OPTIMIZER, readMetadata, type TrainingMetadata } from '../checkpoint-metadata.ts';
import { initialTensor } from '../initialize.ts';
import { SafetensorsFile } from '../safetensors.ts';
import { type MigratedTensor, type MigrationPlan, planMigration } from './plan-migration.ts';

/** A checkpoint as it lies on disk, its tensors not read yet. */
export interface FoundCheckpoint {
  readonly path: string;
  readonly training: TrainingMetadata;
  /** Shapes of the weights by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Names of the weights that have an optimizer state. */
  readonly trained: ReadonlySet<string>;
  /** Whether it keeps running means of these. */
  readonly averaged: boolean;
}

/** Reads what a checkpoint says of itself. Throws a `UserError` for a file that is none. */
export async function findCheckpoint(path: string): Promise<FoundCheckpoint> {
  const file = await SafetensorsFile.open(path);
  try {
    const training = readMetadata(file);
    if (training === undefined) {
      throw new UserError(
        `${path} does not say what model it is of`,
        'migrate a checkpoint that a training run saved; other weights are taken over with --from',
      );
    }
    const weights = [...file.tensors.values()].filter(({ name }) => !name.startsWith(OPTIMIZER));
    const trained = weights.filter(({ name }) => file.tensors.has(`${OPTIMIZER}first_moment.${name}`));
    return {
      path,
      training,
      shapes: new Map(weights.map(({ name, shape }) => [name, shape])),
      trained: new Set(trained.map(({ name }) => name)),
      averaged: [...file.tensors.keys()].some((name) => name.startsWith(AVERAGE)),
    };
  } finally {
    await file.close();
  }
}

/**
 * What of the new model takes the place of what the checkpoint is of: the masked autoencoder, or the classifier of the same training. Of
 * other classes than before the first keep their names. Throws a `UserError` where the new model has no such classifier.
 */
export function targetFor({ training }: FoundCheckpoint, spec: CompiledSpec): TrainedModel {
  if (training.training === 'pretrain') return spec;
  const { classifier, recipe } = classifierOf(spec, training.training);
  const { classNames = [] } = training;
  const names = Array.from({ length: recipe.classes }, (_, index) => classNames[index] ?? `class ${index}`);
  return trainedClassifier(spec, training.training, classifier, names);
}

/** Plans the way of a checkpoint into another model. Throws a `UserError` where nothing of it fits. */
export function planFor({ path, training, shapes }: FoundCheckpoint, target: TrainedModel): MigrationPlan {
  const plan = planMigration({ model: training.model, shapes }, target);
  if (plan.planned.some(({ carry }) => carry !== undefined)) return plan;
  throw new UserError(
    `nothing in ${path} fits ${target.model.name}: every tensor has another shape`,
    'train the new model from scratch',
  );
}

/**
 * Carries a plan out: a checkpoint of the new model. Running means become what the parameters become, of what is drawn anew its
 * values. The optimizer's state goes along with kept tensors; that of all others begins at zero. What is drawn anew depends on the run's
 * seed.
 */
export async function migrateCheckpoint(
  found: FoundCheckpoint,
  { planned }: MigrationPlan,
  target: TrainedModel,
): Promise<CheckpointContents> {
  const old = await loadCheckpoint(found.path, asModel(found, target));
  const { optimizer, averages, position, recipe, log } = old;
  const values = byName(old.parameters);
  const parameters = planned.map((tensor) => migrated(tensor, values, recipe.seed));
  const trainable = planned.filter(({ parameter }) => parameter.trainable);
  const state = (tensors: readonly NamedTensor[]) =>
    trainable.map((tensor) => carriedState(tensor, byName(tensors)));
  const now = byName(parameters);
  const changed = planned.some(({ fate }) => fate !== 'kept');
  return {
    parameters,
    optimizer: {
      ...optimizer,
      firstMoments: state(optimizer.firstMoments),
      secondMoments: optimizer.secondMoments.length === 0 ? [] : state(optimizer.secondMoments),
    },
    ...(averages ? { averages: carriedAverages(trainable, byName(averages), now, recipe.seed) } : {}),
    position,
    recipe: withClasses(recipe, target),
    log: changed ? withoutBest(log) : log,
    spec: target,
    engine: `migrated from ${basename(found.path)}`,
  };
}

/** The recipe of a classifier says how many classes there are. */
function withClasses(recipe: CompiledRecipe, { classNames }: TrainedModel): CompiledRecipe {
  if (!isClassifierRecipe(recipe) || classNames === undefined) return recipe;
  const classified: CompiledClassifierRecipe = { ...recipe, classes: classNames.length };
  return classified;
}

/** The checkpoint's own model, as far as reading it needs one. */
function asModel({ training, shapes, trained }: FoundCheckpoint, target: TrainedModel): TrainedModel {
  const parameters = [...shapes].map(
    ([name, shape]): CompiledParameter => ({
      name,
      shape: [...shape],
      permutation: [...shape.keys()],
      storedShape: [...shape],
      initializer: { kind: 'zeros' },
      trainable: trained.has(name),
      decay: false,
    }),
  );
  return {
    model: training.model,
    hash: '',
    compiler: target.compiler,
    parameters,
    training: training.training,
  };
}

type Tensors = ReadonlyMap<string, NamedTensor>;

function byName(tensors: readonly NamedTensor[]): Tensors {
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function migrated({ parameter, carry, fate }: MigratedTensor, old: Tensors, seed: number): NamedTensor {
  const source = old.get(parameter.name);
  if (carry === undefined || source === undefined) return initialTensor(parameter, seed);
  const { name, shape } = parameter;
  const initial =
    fate === 'extended' || fate === 'sliced' ? initialTensor(parameter, seed).data : source.data;
  return { name, shape, data: carry(source.data, initial) };
}

function carriedState({ parameter, fate }: MigratedTensor, old: Tensors): NamedTensor {
  const { name, shape } = parameter;
  const source = fate === 'kept' ? old.get(name) : undefined;
  return { name, shape, data: source?.data ?? new Float32Array(shape.reduce((a, b) => a * b, 1)) };
}

/** A parameter that had no running mean begins with its value as one. */
function carriedAverages(
  trainable: readonly MigratedTensor[],
  old: Tensors,
  now: Tensors,
  seed: number,
): NamedTensor[] {
  return trainable.flatMap((tensor) => {
    const { name } = tensor.parameter;
    const value = old.has(name) ? migrated(tensor, old, seed) : now.get(name);
    return value === undefined ? [] : [value];
  });
}

/** The best loss so far was another model's. */
function withoutBest(log: Checkpoint['log']): Checkpoint['log'] {
  return 'bestLoss' in log ? { ...log, bestLoss: Number.POSITIVE_INFINITY } : log;
}
