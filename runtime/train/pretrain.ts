import { batchesPerEpoch } from '../data/loader.ts';
import { openSource } from '../data/open-source.ts';
import { Pictures, type SkippedPicture } from '../data/pictures.ts';
import { openReadingThreads } from '../data/workers/reading-threads.ts';
import type { PretrainingBatch, PretrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { isPretrainingRecipe } from '../model/trained-model.ts';
import { specTables } from '../view/report/spec-tables.ts';
import { compareData, dataIdentity } from './data-identity.ts';
import { pretrainingMicroBatches } from './micro-batches.ts';
import { watchPretraining } from './pretraining-watcher.ts';
import { type RecipeOverrides, requireAugmentable, requireCompiled } from './recipe.ts';
import { runTraining } from './run.ts';
import { checkpointBytes, checkRunFolder, type ExistingRun, runFiles, spaceWarning } from './run-folder.ts';
import { runLength } from './run-length.ts';
import type { RunLimits, RunPlan, RunResult } from './run-plan.ts';
import { RunRecorder } from './run-recorder.ts';
import { quietView, type RunView } from './run-view.ts';
import { newRun, resumedRun, type StartingWeights } from './starting-point.ts';
import { describeRun } from './summary.ts';
import { memoryWarning } from './training-memory.ts';

export interface PretrainOptions extends RunLimits, StartingWeights {
  readonly spec: CompiledSpec;
  /** Opens the engine, without parameters. Called when everything else has been checked; disposed of at the end. */
  readonly openEngine: () => Promise<PretrainingEngine>;
  /** Where the pictures are: whatever `openSource` recognises. Of data with splits of its own, its training split. */
  readonly data: string;
  /** Folder of the run's files; made if need be. */
  readonly out: string;
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledRecipe;
  readonly overrides?: RecipeOverrides;
  /** What to do about a run that is already in `out`; refuses if left out. */
  readonly existing?: ExistingRun;
  /** Goes on with a run although its pictures are others than it began with. */
  readonly force?: boolean;
  /** Where it says what it does; only warnings, on stderr, if left out. */
  readonly view?: RunView;
}

/**
 * Pretrains a model on pictures. What comes out is a function of the spec, the recipe with its seed, the pictures and the engine.
 *
 * @throws UserError before anything is trained or touched, for bad options, data, checkpoints and folders; and as `runTraining`.
 */
export async function pretrain(options: PretrainOptions): Promise<RunResult> {
  return runTraining(await planPretraining(options));
}

/** Checks all that can be checked before an engine is there. Makes the run's folder; touches nothing else. */
async function planPretraining(
  options: PretrainOptions,
): Promise<RunPlan<PretrainingBatch, PretrainingEngine>> {
  const { spec, data, out, existing = 'refuse', overrides = {}, view = quietView(process.stderr) } = options;
  const { from, force = false } = options;
  const begin = {
    model: spec,
    recipe: options.recipe ?? spec.recipes.pretrain,
    overrides,
    accepts: isPretrainingRecipe,
  };
  const files = runFiles(out);
  const { image } = spec.model;
  const source = await openSource(data, { split: 'train', validation: 0, channels: image.channels });
  await checkRunFolder(files, existing);
  const start =
    existing === 'resume' ? await resumedRun(begin, files.checkpoint) : await newRun(begin, options);
  const { recipe, step, statistics } = start;
  requireAugmentable(recipe, image.channels);
  requireCompiled(spec.model.name, recipe, spec.recipes.pretrain, ['recompute', 'precision']);
  const onSkipped = (skipped: SkippedPicture) => recorder.skipped(skipped);
  const threads = openReadingThreads(image, options.readingThreads);
  const pictures = new Pictures({ source, image, augment: recipe.augment, onSkipped, threads });
  const length = runLength(recipe.epochs, batchesPerEpoch(pictures, recipe.batch));
  const recorder = new RunRecorder({ log: files.log, view, length, step, statistics });
  const identity = dataIdentity(source, length);
  const warnings = [
    compareData(start.recorded, identity, data, force),
    memoryWarning(spec.cost, recipe),
    await spaceWarning(files, checkpointBytes(spec.parameters, recipe)),
  ].filter((warning) => warning !== undefined);
  return {
    model: spec,
    recipe,
    length,
    files,
    existing,
    start,
    identity,
    limits: options,
    recorder,
    view,
    description: describeRun({ model: spec, cost: spec.cost, recipe, length, pictures, files }),
    warnings,
    about: {
      data: source.location,
      pictures: pictures.count,
      overrides,
      ...(from === undefined ? {} : { from }),
    },
    tables: specTables(spec, recipe, Object.keys(overrides)),
    microBatches: pretrainingMicroBatches(spec, recipe, length, pictures),
    readingThreads: threads,
    openEngine: options.openEngine,
    watch: (engine) =>
      watchPretraining({ spec, files, recipe, length, pictures, recorder, overrides }, engine),
  };
}
