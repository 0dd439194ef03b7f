import type { TrainableParameters } from '../engine/engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { keepAsBest, type RunningStatistics, type saveCheckpoint } from '../weights/checkpoint.ts';
import { firstNonFinite } from './non-finite.ts';
import { halvedRate } from './recipe.ts';
import { epochPosition, type RunLength } from './run-length.ts';

export interface KeeperOptions {
  readonly path: string;
  /** Where the best one is kept besides. */
  readonly best: string;
  readonly model: TrainedModel;
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly engine: TrainableParameters & { readonly description: string };
  readonly save: typeof saveCheckpoint;
  /** The step of the checkpoint that is there, if there is one of this run. */
  readonly savedStep: number | undefined;
}

/** Saves the checkpoints of a run, each in place of the one before. */
export class CheckpointKeeper {
  readonly #options: KeeperOptions;
  #savedStep: number | undefined;
  #isOutdated = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#savedStep = options.savedStep;
  }

  get hasSaved(): boolean {
    return this.#savedStep !== undefined;
  }

  /** Where the last good checkpoint is, as a sentence. */
  get lastGood(): string {
    return this.#savedStep === undefined
      ? 'no checkpoint of this run was saved yet'
      : `the checkpoint of step ${this.#savedStep} is in ${this.#options.path}`;
  }

  /** What is recorded beside the parameters has changed: a checkpoint of the same step is to be saved again. */
  outdate(): void {
    this.#isOutdated = true;
  }

  /**
   * Saves the engine's state after `step` steps, unless it is saved already. Throws a `UserError` when it cannot be written, or when the
   * parameters are not finite any more: the checkpoint before it is kept.
   */
  async save(step: number, statistics: RunningStatistics): Promise<void> {
    if (step === this.#savedStep && !this.#isOutdated) return;
    const { path, model, recipe, length, engine } = this.#options;
    const parameters = await engine.readParameters();
    const spoiled = firstNonFinite(parameters);
    if (spoiled !== undefined) {
      throw new UserError(
        `after step ${step} the parameter ${spoiled} holds numbers that are not finite: it is not saved`,
        `${this.lastGood}\ngo on from there with a lower learning rate: --resume --lr ${halvedRate(recipe)}`,
      );
    }
    const { epoch, stepInEpoch } = epochPosition(length, step);
    const position = { step, epoch, batch: stepInEpoch * recipe.accumulation };
    const optimizer = await engine.readOptimizerState();
    const averages = await engine.readAverages();
    const contents = { parameters, optimizer, averages, position, recipe, log: statistics, spec: model };
    try {
      await this.#options.save(path, { ...contents, engine: engine.description });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const goOn = this.hasSaved ? 'then go on from there: --resume' : undefined;
      const help = [error.help, this.lastGood, goOn].filter((line) => line !== undefined).join('\n');
      throw new UserError(error.message, help, { cause: error });
    }
    this.#savedStep = step;
    this.#isOutdated = false;
  }

  /** Saves as `save` does, and keeps the checkpoint as the best one, too. */
  async saveBest(step: number, statistics: RunningStatistics): Promise<void> {
    await this.save(step, statistics);
    await keepAsBest(this.#options.path, this.#options.best);
  }
}
