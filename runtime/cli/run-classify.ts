import { openClassifierEngine } from '../engine/open-engine.ts';
import type { CompiledClassifierRecipe } from '../model/compiled-spec.ts';
import type { ClassifierTraining } from '../model/trained-model.ts';
import { classify } from '../train/classify.ts';
import type { ClassifyValues } from './classify-options.ts';
import { defined } from './defined.ts';
import { runTrainingCommand, type TrainingCommand } from './run-training.ts';
import { overridesOf, transferOf } from './training-options.ts';

export interface ClassifyCommand extends TrainingCommand {
  readonly training: ClassifierTraining;
  readonly values: ClassifyValues;
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledClassifierRecipe;
}

/** Runs a fine-tuning or a linear probing command; resolves to its exit code. */
export async function runClassify(command: ClassifyCommand): Promise<number> {
  const { directory, values, training, recipe } = command;
  const {
    engine,
    device,
    threads,
    data,
    from,
    values: fromValues,
    force,
    val,
    validation,
    evaluateEvery,
  } = values;
  return runTrainingCommand(command, `-${training}`, ({ spec, limits, ...setup }) =>
    classify({
      ...limits,
      ...setup,
      spec,
      training,
      openEngine: () =>
        openClassifierEngine(engine, { spec, directory, training, device, ...defined({ threads }) }),
      data,
      overrides: overridesOf(values),
      transfer: transferOf(values),
      ...defined({ recipe, from, fromValues, force, validationData: val, validation, evaluateEvery }),
    }),
  );
}
