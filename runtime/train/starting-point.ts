import type { PretrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import {
  type Checkpoint,
  loadCheckpoint,
  loadWeights,
  type RunningStatistics,
} from '../weights/checkpoint.ts';
import { initialParameters } from '../weights/initialize.ts';
import { mergeOverrides, overrideRecipe, type RecipeOverrides, recipeDifferences } from './recipe.ts';

/** Sums over the epoch under way, and what must stay the same for a run to be the same. All numbers, as checkpoints keep. */
export interface RunStatistics {
  readonly epochLoss: number;
  readonly epochLearningRate: number;
  readonly epochSeconds: number;
  /** Seconds of training since the run began. */
  readonly seconds: number;
}

export const NO_STATISTICS: RunStatistics = {
  epochLoss: 0,
  epochLearningRate: 0,
  epochSeconds: 0,
  seconds: 0,
};

/** What a run begins with. */
export interface StartingPoint {
  readonly recipe: CompiledRecipe;
  /** Optimizer steps taken before. */
  readonly step: number;
  readonly statistics: RunStatistics;
  /** What the checkpoint says of its data; see `data-identity.ts`. Empty for a new run. */
  readonly recorded: RunningStatistics;
  /** What the user should know of how it was chosen. */
  readonly notes: readonly string[];
  /** Gives the engine its parameters and optimizer state. Once. */
  readonly load: (engine: PretrainingEngine) => Promise<void>;
}

export interface StartOptions {
  readonly spec: CompiledSpec;
  /** The recipe as compiled, or as the generated trainer has it. */
  readonly recipe: CompiledRecipe;
  readonly overrides: RecipeOverrides;
}

/** A new run, from initial values drawn with the recipe's seed, or from the weights in a file. */
export function newRun(options: StartOptions, weights?: string): StartingPoint {
  const { spec, overrides } = options;
  const recipe = overrideRecipe(options.recipe, overrides);
  return {
    recipe,
    step: 0,
    statistics: NO_STATISTICS,
    recorded: {},
    notes: weights === undefined ? [] : [`starts from the weights in ${weights}`],
    load: async (engine) =>
      engine.loadParameters(
        weights === undefined ? initialParameters(spec, recipe.seed) : await loadWeights(weights, spec),
      ),
  };
}

/**
 * A run that goes on from its checkpoint, with the recipe that it began with. Of the overrides those that would make it another
 * run are refused. Throws a `UserError` for these, and for a checkpoint that is damaged or of another model.
 */
export async function resumedRun(options: StartOptions, path: string): Promise<StartingPoint> {
  const { spec, overrides } = options;
  const { position, recipe: begun, log, ...state } = await loadCheckpoint(path, spec);
  for (const key of ['batch', 'seed'] as const) {
    const wanted = overrides[key];
    if (wanted !== undefined && wanted !== begun[key]) {
      throw new UserError(
        `the run in ${path} has ${key} ${begun[key]}; it cannot go on with ${wanted}`,
        `leave out --${key}, or start another run from its weights: --from ${path} --out DIR`,
      );
    }
  }
  const recipe = overrideRecipe(begun, overrides);
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

type EngineState = Pick<Checkpoint, 'parameters' | 'optimizer'>;

/** Lets go of the tensors once the engine has them: they are three times the size of the model. */
function loadOnce(state: EngineState): StartingPoint['load'] {
  let waiting: EngineState | undefined = state;
  return async (engine) => {
    if (waiting === undefined) throw new Error('the checkpoint was loaded before');
    await engine.loadParameters(waiting.parameters);
    await engine.loadOptimizerState(waiting.optimizer);
    waiting = undefined;
  };
}

function statisticsOf(log: RunningStatistics): RunStatistics {
  const { epochLoss = 0, epochLearningRate = 0, epochSeconds = 0, seconds = 0 } = log;
  return { epochLoss, epochLearningRate, epochSeconds, seconds };
}
