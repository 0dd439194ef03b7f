import { openPictureFolder } from '../data/folder.ts';
import { batchesPerEpoch } from '../data/loader.ts';
import { Pictures, type SkippedPicture } from '../data/pictures.ts';
import type { PretrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import type { saveCheckpoint } from '../weights/checkpoint.ts';
import { compareData, dataIdentity } from './data-identity.ts';
import type { Interval } from './interval.ts';
import type { RecipeOverrides } from './recipe.ts';
import {
  checkpointBytes,
  checkRunFolder,
  type ExistingRun,
  type RunFiles,
  runFiles,
  spaceWarning,
} from './run-folder.ts';
import { runLength } from './run-length.ts';
import { RunRecorder, type RunStatus } from './run-recorder.ts';
import { quietView, type RunView } from './run-view.ts';
import { newRun, resumedRun } from './starting-point.ts';
import { describeRun, field, memoryWarning } from './summary.ts';
import { type Plan, trainAndRecord } from './train-and-record.ts';

export interface PretrainOptions {
  readonly spec: CompiledSpec;
  /** Opens the engine, without parameters. Called when everything else has been checked; disposed of at the end. */
  readonly openEngine: () => Promise<PretrainingEngine>;
  /** Folder of pictures. */
  readonly data: string;
  /** Folder of the run's files; made if need be. */
  readonly out: string;
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledRecipe;
  readonly overrides?: RecipeOverrides;
  /** What to do about a run that is already in `out`; refuses if left out. */
  readonly existing?: ExistingRun;
  /** A file of weights to start a new run from. */
  readonly from?: string;
  /** How often a checkpoint is saved, besides the end: every ten minutes if left out. */
  readonly saveEvery?: Interval;
  /** How often pictures are drawn, besides the end: some twenty times in all if left out. */
  readonly drawEvery?: Interval;
  /** Stops, with a checkpoint, after so many more steps. */
  readonly maxSteps?: number;
  /** Stops, with a checkpoint, after the step under way. */
  readonly signal?: AbortSignal;
  /** Where it says what it does; only warnings, on stderr, if left out. */
  readonly view?: RunView;
  /** Writes the checkpoints; `saveCheckpoint` if left out. */
  readonly save?: typeof saveCheckpoint;
}

export interface PretrainResult {
  /** `finished` with the last step, `stopped` by `maxSteps`, `interrupted` by the signal. */
  readonly status: Exclude<RunStatus, 'failed'>;
  /** Optimizer steps taken since the run began, and how many there are in all. */
  readonly step: number;
  readonly steps: number;
  /** Median loss of the latest steps; NaN when none was taken. */
  readonly loss: number;
  /** Seconds of training since the run began. */
  readonly seconds: number;
  readonly files: RunFiles;
}

/**
 * Pretrains a model on a folder of pictures. What comes out is a function of the spec, the recipe with its seed, the pictures and the
 * engine: a run that was stopped anywhere and resumed gives the same bits as one that was not (on engines that are
 * deterministic, as those on the CPU are).
 *
 * @throws UserError before anything is trained or touched, for bad options, data, checkpoints and folders; and while training, for
 *   a loss that is not finite and for a checkpoint that cannot be written. The last good checkpoint stays.
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const plan = await preparePretraining(options);
  const { start, length, view } = plan;
  for (const line of describeRun(plan)) view.line(line);
  if (start.step >= length.steps) {
    view.line(field('note', `all ${length.steps} steps were taken already; train longer with --epochs`));
    return resultOf(plan, 'finished');
  }
  const engine = await options.openEngine();
  try {
    view.line(field('engine', engine.description));
    for (const note of start.notes) view.line(field('note', note));
    for (const warning of plan.warnings) view.warn(warning);
    await start.load(engine);
    return resultOf(plan, await trainAndRecord(plan, engine));
  } finally {
    view.close();
    await engine.dispose();
  }
}

/** Checks all that can be checked before an engine is there. Makes the run's folder; touches nothing else. */
async function preparePretraining(options: PretrainOptions): Promise<Plan> {
  const { spec, data, out, existing = 'refuse', overrides = {}, view = quietView(process.stderr) } = options;
  const from = { spec, recipe: options.recipe ?? spec.recipes.pretrain, overrides };
  const files = runFiles(out);
  const folder = await openPictureFolder(data);
  await checkRunFolder(files, existing);
  const start = existing === 'resume' ? await resumedRun(from, files.checkpoint) : newRun(from, options.from);
  const { recipe, step, statistics } = start;
  const { image } = spec.model;
  const onSkipped = (skipped: SkippedPicture) => recorder.skipped(skipped);
  const pictures = new Pictures({ folder, image, augment: recipe.augment, onSkipped });
  const length = runLength(recipe.epochs, batchesPerEpoch(pictures, recipe.batch));
  const recorder = new RunRecorder({ log: files.log, view, length, step, statistics });
  const identity = dataIdentity(folder, length);
  const warnings = [
    compareData(start.recorded, identity, data),
    memoryWarning(spec, recipe),
    await spaceWarning(files, checkpointBytes(spec.parameters)),
  ].filter((warning) => warning !== undefined);
  return {
    options,
    spec,
    files,
    existing,
    start,
    recipe,
    length,
    pictures,
    recorder,
    identity,
    warnings,
    view,
  };
}

function resultOf({ recorder, length, files }: Plan, status: PretrainResult['status']): PretrainResult {
  const { step, smoothedLoss, statistics } = recorder;
  return { status, step, steps: length.steps, loss: smoothedLoss, seconds: statistics.seconds, files };
}
