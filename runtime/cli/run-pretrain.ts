import { openEngine } from '../engine/open-engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import { pretrain } from '../train/pretrain.ts';
import { defined } from './defined.ts';
import { runTrainingCommand, type TrainingCommand } from './run-training.ts';
import { overridesOf, transferOf } from './training-options.ts';

export interface PretrainCommand extends TrainingCommand {
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledRecipe;
}

/** Runs a pretraining command; resolves to its exit code. */
export function runPretrain(command: PretrainCommand): Promise<number> {
  const { directory, values, recipe } = command;
  const { engine, device, threads, data, from, values: fromValues, force } = values;
  return runTrainingCommand(command, '', ({ spec, limits, ...setup }) =>
    pretrain({
      ...limits,
      ...setup,
      spec,
      openEngine: () => openEngine(engine, { spec, directory, device, ...defined({ threads }) }),
      data,
      overrides: overridesOf(values),
      transfer: transferOf(values),
      ...defined({ recipe, from, fromValues, force }),
    }),
  );
}
