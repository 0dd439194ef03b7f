import { join } from 'node:path';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { loadSpec } from '../model/load-spec.ts';
import type { ExistingRun } from '../train/run-folder.ts';
import type { RunLimits, RunResult } from '../train/run-plan.ts';
import { quietView, type RunView, runView } from '../train/run-view.ts';
import type { CommandIo } from './command-io.ts';
import { describeEnd } from './describe-end.ts';
import { EXIT } from './exit-codes.ts';
import { watchInterrupts } from './interrupts.ts';
import { limitsOf, type TrainingValues } from './training-options.ts';

/** A command line that trains. */
export interface TrainingCommand {
  /** Folder of the compiled model. */
  readonly directory: string;
  readonly values: TrainingValues;
  /** How the command line began, and its arguments: what it takes to go on. */
  readonly start: string;
  readonly argv: readonly string[];
  readonly io: CommandIo;
}

/** What every training is begun with. */
export interface TrainingSetup {
  readonly spec: CompiledSpec;
  readonly out: string;
  readonly existing: ExistingRun;
  readonly view: RunView;
  readonly limits: RunLimits;
}

/**
 * Runs a training; resolves to its exit code. `suffix` is what the name of the run's folder ends in unless it is given. Ctrl-C stops
 * it with a checkpoint, a second one at once.
 */
export async function runTrainingCommand(
  command: TrainingCommand,
  suffix: string,
  train: (setup: TrainingSetup) => Promise<RunResult>,
): Promise<number> {
  const { directory, values, io } = command;
  const view = values.quiet ? quietView(io.stderr) : runView(io.stdout);
  const spec = await loadSpec(directory);
  const interrupts = watchInterrupts({
    first: () =>
      view.line('stopping after this step, to save; ctrl-C again quits at once and loses what is not saved'),
    second: () => process.exit(EXIT.interrupted),
  });
  try {
    const result = await train({
      spec,
      out: values.out ?? join('runs', spec.model.name + suffix),
      existing: values.resume ? 'resume' : values.overwrite ? 'overwrite' : 'refuse',
      view,
      limits: { ...limitsOf(values), signal: interrupts.signal },
    });
    for (const line of describeEnd(result, command)) view.line(line);
    return result.status === 'interrupted' ? EXIT.interrupted : EXIT.fine;
  } finally {
    interrupts.close();
  }
}
