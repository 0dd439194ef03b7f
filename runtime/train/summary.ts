import type { Pictures } from '../data/pictures.ts';
import type { TrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { formatMillions } from './format.ts';
import type { RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import { learningRateSchedule } from './schedule.ts';
import type { TrainingCost } from './training-memory.ts';

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

/** What is told of an engine before it computes: what runs where, why there, and what would be faster. */
export function describeEngine(engine: Pick<TrainingEngine<never>, 'description' | 'choice'>): string[] {
  const { description, choice } = engine;
  return [
    field('engine', description),
    ...(choice ? [field('why', choice.why)] : []),
    ...(choice?.faster === undefined ? [] : [field('faster', choice.faster)]),
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
