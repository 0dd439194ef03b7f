import type { CompiledRecipe } from '../model/compiled-spec.ts';

/** The learning rate as a function of time: linear warm-up, then half a cosine. Times are in epochs. */
export interface LearningRateSchedule {
  /** Learning rate at the end of the warm-up, for the recipe's global batch. */
  readonly peak: number;
  readonly minimum: number;
  readonly warmup: number;
  readonly epochs: number;
}

type ScheduleRecipe = Pick<CompiledRecipe, 'batch' | 'epochs' | 'warmup' | 'minimumLearningRate'> & {
  readonly optimizer: Pick<CompiledRecipe['optimizer'], 'baseLearningRate' | 'learningRatePer'>;
};

/** The schedule of a recipe, with the linear scaling rule: base rate times batch over the batch that it is given per. */
export function learningRateSchedule(recipe: ScheduleRecipe): LearningRateSchedule {
  const { baseLearningRate, learningRatePer } = recipe.optimizer;
  return {
    peak: (baseLearningRate * recipe.batch) / learningRatePer,
    minimum: recipe.minimumLearningRate,
    warmup: recipe.warmup,
    epochs: recipe.epochs,
  };
}

/**
 * The learning rate of the step that starts `epoch` epochs (a fraction: steps done over steps per epoch) into the run.
 * Changes at every step, as `adjust_learning_rate` in the official util/lr_sched.py.
 */
export function learningRateAt(schedule: LearningRateSchedule, epoch: number): number {
  const { peak, minimum, warmup, epochs } = schedule;
  if (epoch < warmup) return (peak * epoch) / warmup;
  const progress = (epoch - warmup) / (epochs - warmup);
  return minimum + (peak - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress));
}
