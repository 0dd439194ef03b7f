import type { TrainableParameters } from '../engine/engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { type Checkpoint, loadCheckpoint, type RunningStatistics } from '../weights/checkpoint.ts';
import { type CheckpointValues, VALUE_NAMES } from '../weights/checkpoint-values.ts';
import { initialParameters } from '../weights/initialize.ts';
import { type OpenedWeights, withWeights } from '../weights/open-weights.ts';
import { describeTransfer } from '../weights/transfer/report.ts';
import {
  planTransfer,
  type TransferOptions,
  type TransferPlan,
  transferWeights,
} from '../weights/transfer.ts';
import { mergeOverrides, overrideRecipe, type RecipeOverrides, recipeDifferences } from './recipe.ts';

/** Sums over the epoch under way, and what must stay the same for a run to be the same. All numbers, as checkpoints keep. */
export interface RunStatistics {
  readonly epochLoss: number;
  readonly epochLearningRate: number;
  readonly epochSeconds: number;
  /** Seconds of training since the run began. */
  readonly seconds: number;
  /** The best share of validation pictures that a classifier got right, 0..1. */
  readonly bestAccuracy: number;
  /** The step after which that was; 0 for never. */
  readonly bestStep: number;
}

export const NO_STATISTICS: RunStatistics = {
  epochLoss: 0,
  epochLearningRate: 0,
  epochSeconds: 0,
  seconds: 0,
  bestAccuracy: 0,
  bestStep: 0,
};

/** What a run begins with. */
export interface StartingPoint<Recipe extends CompiledRecipe> {
  readonly recipe: Recipe;
  /** Optimizer steps taken before. */
  readonly step: number;
  readonly statistics: RunStatistics;
  /** What the checkpoint says of its data; see `data-identity.ts`. Empty for a new run. */
  readonly recorded: RunningStatistics;
  /** What the user should know of how it was chosen. */
  readonly notes: readonly string[];
  /** Gives the engine its parameters and optimizer state. Once. */
  readonly load: (engine: TrainableParameters) => Promise<void>;
}

export interface StartOptions<Recipe extends CompiledRecipe> {
  readonly model: TrainedModel;
  /** The recipe as compiled, or as the generated trainer has it. */
  readonly recipe: Recipe;
  readonly overrides: RecipeOverrides;
  /** Whether a checkpoint's recipe is one for this training. */
  readonly accepts: (recipe: CompiledRecipe) => recipe is Recipe;
}

/** What a run's options say of weights to start from. */
export interface StartingWeights {
  /** A file of weights that a new run starts from; random ones if left out. */
  readonly from?: string;
  /** Which of a checkpoint's weights these are; the running means if left out and it has them. */
  readonly fromValues?: CheckpointValues;
  /** How these weights are carried into the model. */
  readonly transfer?: TransferOptions;
}

/**
 * A new run, from initial values drawn with the recipe's seed, or from the weights in a file. Throws a `UserError` for a file
 * whose weights do not fit the model.
 */
export async function newRun<Recipe extends CompiledRecipe>(
  options: Omit<StartOptions<Recipe>, 'accepts'>,
  weights: StartingWeights = {},
): Promise<StartingPoint<Recipe>> {
  const { model, overrides } = options;
  const recipe = overrideRecipe(options.recipe, overrides);
  const { from } = weights;
  const describe = (plan: TransferPlan, { values }: OpenedWeights) => [
    `starts from the ${VALUE_NAMES[values]} in ${plan.path}`,
    ...describeTransfer(plan),
  ];
  return {
    recipe,
    step: 0,
    statistics: NO_STATISTICS,
    recorded: {},
    notes: from === undefined ? [] : await withTransfer(from, weights, model, describe),
    load: async (engine) =>
      engine.loadParameters(
        from === undefined
          ? initialParameters(model, recipe.seed)
          : await withTransfer(from, weights, model, (plan) => transferWeights(plan, recipe.seed)),
      ),
  };
}

/** Plans how a file's weights are carried into the model, and does something with the plan while the file is open. */
async function withTransfer<T>(
  path: string,
  { fromValues, transfer }: StartingWeights,
  { model, parameters }: TrainedModel,
  use: (plan: TransferPlan, weights: OpenedWeights) => T | Promise<T>,
): Promise<T> {
  const target = { name: model.name, model, parameters };
  const plan = async (weights: OpenedWeights) => use(planTransfer(target, weights, transfer), weights);
  return withWeights(path, plan, fromValues);
}

/**
 * A run that goes on from its checkpoint, with the recipe that it began with. Of the overrides those that would make it another
 * run are refused. Throws a `UserError` for these, and for a checkpoint that is damaged or of another model or optimizer.
 */
export async function resumedRun<Recipe extends CompiledRecipe>(
  options: StartOptions<Recipe>,
  path: string,
): Promise<StartingPoint<Recipe>> {
  const { model, overrides } = options;
  const { kind } = options.recipe.optimizer;
  const { position, recipe: begun, log, classNames, ...state } = await loadCheckpoint(path, model, kind);
  if (!options.accepts(begun)) throw new Error(`${path} has a recipe of another training`);
  refuseClasses(path, classNames, model.classNames);
  for (const key of ['batch', 'seed'] as const) {
    const wanted = overrides[key];
    if (wanted !== undefined && wanted !== begun[key]) {
      throw new UserError(
        `the run in ${path} has ${key} ${begun[key]}; it cannot go on with ${wanted}`,
        `leave out --${key}, or start another run from its weights: --from ${path} --out DIR`,
      );
    }
  }
  // How a step is computed is the compiled model's matter, and the machine's: it changes no number, or the last digits only.
  const { recompute, precision } = options.recipe;
  const recipe = { ...overrideRecipe(begun, overrides), recompute, precision };
  const changed = recipeDifferences(begun, recipe);
  const ignored = recipeDifferences(recipe, mergeOverrides(options.recipe, overrides));
  return {
    recipe,
    step: position.step,
    statistics: statisticsOf(log),
    recorded: log,
    notes: [
      `goes on after step ${position.step}, from ${path}`,
      ...(changed.length > 0 ? [`from here on ${changed.join(', ')}`] : []),
      ...(ignored.length > 0 ? [`keeps its own recipe: the model's now has ${ignored.join(', ')}`] : []),
    ],
    load: loadOnce(state),
  };
}

/** Throws when labels would mean other classes than the ones that the run began with. */
function refuseClasses(path: string, begun: readonly string[] = [], now: readonly string[] = []): void {
  const differs = begun.findIndex((name, label) => name !== now[label]);
  if (differs < 0) return;
  throw new UserError(
    `the run in ${path} has other classes: its class ${differs} is ${begun[differs]}, that of the pictures is ${now[differs]}`,
    'give it pictures of the classes that it began with',
  );
}

type EngineState = Pick<Checkpoint, 'parameters' | 'optimizer' | 'averages'>;

/** Lets go of the tensors once the engine has them: they are three times the size of the model. */
function loadOnce(state: EngineState): StartingPoint<CompiledRecipe>['load'] {
  let waiting: EngineState | undefined = state;
  return async (engine) => {
    if (waiting === undefined) throw new Error('the checkpoint was loaded before');
    await engine.loadParameters(waiting.parameters);
    await engine.loadOptimizerState(waiting.optimizer);
    if (waiting.averages) await engine.loadAverages(waiting.averages);
    waiting = undefined;
  };
}

function statisticsOf(log: RunningStatistics): RunStatistics {
  const { epochLoss = 0, epochLearningRate = 0, epochSeconds = 0, seconds = 0 } = log;
  const { bestAccuracy = 0, bestStep = 0 } = log;
  return { epochLoss, epochLearningRate, epochSeconds, seconds, bestAccuracy, bestStep };
}
