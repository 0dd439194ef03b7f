import { totalmem } from 'node:os';
import type { Pictures } from '../data/pictures.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { formatBytes, formatMillions } from './format.ts';
import { keptNumbers, type RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import { learningRateSchedule } from './schedule.ts';

/** What training costs, of a masked autoencoder or of a classifier. */
export type TrainingCost = Pick<CompiledSpec['cost'], 'trainingActivationBytes'> & {
  readonly parameters: Pick<CompiledSpec['cost']['parameters'], 'total' | 'trainable'>;
};

export interface RunFacts {
  readonly model: TrainedModel;
  readonly cost: TrainingCost & {
    readonly parameters: Partial<Pick<CompiledSpec['cost']['parameters'], 'encoder' | 'decoder'>>;
  };
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly pictures: Pictures;
  readonly files: RunFiles;
}

/** What a run tells before it begins, all but the engine. */
export function describeRun(facts: RunFacts): string[] {
  const { model, recipe, length, pictures, files } = facts;
  const { baseLearningRate, learningRatePer } = recipe.optimizer;
  const micro = recipe.batch / recipe.accumulation;
  const batch = recipe.accumulation === 1 ? '' : ` (${recipe.accumulation} micro-batches of ${micro})`;
  const warmup = recipe.warmup > 0 ? `warm-up ${amount(recipe.warmup, 'epoch')}` : 'no warm-up';
  return [
    field('model', `${model.model.name}, ${parameterText(facts.cost)}`),
    field('pictures', `${pictures.count} in ${pictures.source.location}`),
    field('batch', `${recipe.batch} pictures a step${batch}`),
    field('steps', `${length.steps} in ${amount(recipe.epochs, 'epoch')} of ${length.stepsPerEpoch}`),
    field(
      'rate',
      `${learningRateSchedule(recipe).peak.toExponential(2)} at its peak (${baseLearningRate} per ${learningRatePer} pictures), ${warmup}, seed ${recipe.seed}`,
    ),
    field('output', files.directory),
  ];
}

function parameterText({ parameters }: RunFacts['cost']): string {
  const { total, trainable, encoder, decoder } = parameters;
  const parts =
    encoder === undefined || decoder === undefined
      ? `${formatMillions(trainable)} trained`
      : `encoder ${formatMillions(encoder)}, decoder ${formatMillions(decoder)}`;
  return `${formatMillions(total)} parameters (${parts})`;
}

const amount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** A line of the summary. */
export function field(name: string, value: string): string {
  return `${name.padEnd(10)}${value}`;
}

/** Bytes that training takes: parameters, their gradients, moments and averages, and the activations of a micro-batch. */
export function trainingBytes(cost: TrainingCost, recipe: CompiledRecipe): number {
  const { parameters, trainingActivationBytes } = cost;
  const fixed = 4 * (parameters.total + (1 + keptNumbers(recipe)) * parameters.trainable);
  return fixed + (trainingActivationBytes * recipe.batch) / recipe.accumulation;
}

/** A warning when training takes more memory than there is: of the machine, or of the container. */
export function memoryWarning(
  cost: TrainingCost,
  recipe: CompiledRecipe,
  available = memoryLimit(),
): string | undefined {
  const needed = trainingBytes(cost, recipe);
  if (needed <= available) return undefined;
  const fits = divisors(recipe.batch).find(
    (accumulation) => trainingBytes(cost, { ...recipe, accumulation }) <= available,
  );
  const advice = fits === undefined ? '' : `; smaller micro-batches need less: --accumulation ${fits}`;
  return `training takes about ${formatBytes(needed)} of memory, and there are ${formatBytes(available)}${advice}`;
}

function divisors(batch: number): number[] {
  return Array.from({ length: batch }, (_, i) => i + 1).filter((count) => batch % count === 0);
}

function memoryLimit(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(total, constrained) : total;
}
