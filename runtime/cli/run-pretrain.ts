import { join } from 'node:path';
import { openEngine } from '../engine/open-engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import { loadSpec } from '../model/load-spec.ts';
import { formatDuration } from '../train/format.ts';
import { type PretrainOptions, type PretrainResult, pretrain } from '../train/pretrain.ts';
import type { RecipeOverrides } from '../train/recipe.ts';
import { quietView, runView } from '../train/run-view.ts';
import { field } from '../train/summary.ts';
import type { CommandIo } from './command-io.ts';
import { continueCommand } from './continue-command.ts';
import { EXIT } from './exit-codes.ts';
import { watchInterrupts } from './interrupts.ts';
import type { PretrainValues } from './pretrain-options.ts';

export interface PretrainCommand {
  /** Folder of the compiled model. */
  readonly directory: string;
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledRecipe;
  readonly values: PretrainValues;
  /** How the command line began, and its arguments: what it takes to go on. */
  readonly start: string;
  readonly argv: readonly string[];
  readonly io: CommandIo;
}

/** Runs a pretraining command; resolves to its exit code. Ctrl-C stops it with a checkpoint, a second one at once. */
export async function runPretrain(command: PretrainCommand): Promise<number> {
  const { directory, values, io } = command;
  const view = values.quiet ? quietView(io.stderr) : runView(io.stdout);
  const spec = await loadSpec(directory);
  const interrupts = watchInterrupts({
    first: () =>
      view.line('stopping after this step, to save; ctrl-C again quits at once and loses what is not saved'),
    second: () => process.exit(EXIT.interrupted),
  });
  try {
    const result = await pretrain({
      spec,
      openEngine: () =>
        openEngine(values.engine, { spec, directory, ...defined({ threads: values.threads }) }),
      data: values.data,
      out: values.out ?? join('runs', spec.model.name),
      existing: values.resume ? 'resume' : values.overwrite ? 'overwrite' : 'refuse',
      overrides: overridesOf(values),
      signal: interrupts.signal,
      view,
      ...optionsOf(command),
    });
    for (const line of describeEnd(result, command)) view.line(line);
    return result.status === 'interrupted' ? EXIT.interrupted : EXIT.fine;
  } finally {
    interrupts.close();
  }
}

function overridesOf({ epochs, batch, lr, warmup, accumulation, seed }: PretrainValues): RecipeOverrides {
  return defined({ epochs, batch, baseLearningRate: lr, warmup, accumulation, seed });
}

function optionsOf({ recipe, values }: PretrainCommand): Partial<PretrainOptions> {
  const { from, saveEvery, drawEvery, steps } = values;
  return defined({ recipe, from, saveEvery, drawEvery, maxSteps: steps });
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The entries that have a value. */
function defined<T extends object>(entries: T): Defined<T>;
function defined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

function describeEnd(result: PretrainResult, { start, argv }: PretrainCommand): string[] {
  const { status, step, steps, loss, seconds, files } = result;
  if (step === 0) return [field('stopped', 'before the first step: there is nothing to save')];
  if (status !== 'finished') {
    return [
      field('stopped', `after step ${step} of ${steps}; saved in ${files.checkpoint}`),
      field('go on', continueCommand(start, argv)),
    ];
  }
  const last = Number.isNaN(loss) ? '' : `, loss ${loss.toFixed(4)}`;
  return [
    field('done', `${steps} steps in ${formatDuration(seconds)} of training${last}`),
    field('weights', files.checkpoint),
    field('losses', files.lossCurve),
    field('look at', files.reconstruction),
  ];
}
