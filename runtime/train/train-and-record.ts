import type { Pictures } from '../data/pictures.ts';
import type { PretrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { saveCheckpoint } from '../weights/checkpoint.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { DataIdentity } from './data-identity.ts';
import { RunDrawing } from './drawing.ts';
import { recurrence } from './interval.ts';
import { trainingSteps } from './loop.ts';
import { pretrainingMicroBatches } from './micro-batches.ts';
import { NonFiniteLoss } from './non-finite.ts';
import type { PretrainOptions, PretrainResult } from './pretrain.ts';
import { halvedRate } from './recipe.ts';
import { clearRun, type ExistingRun, type RunFiles, removePartialFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import { type LogLine, rewindLog } from './run-log.ts';
import type { RunRecorder } from './run-recorder.ts';
import type { RunView } from './run-view.ts';
import type { StartingPoint } from './starting-point.ts';

/** A run that was checked and may begin. */
export interface Plan {
  readonly options: PretrainOptions;
  readonly spec: CompiledSpec;
  readonly files: RunFiles;
  readonly existing: ExistingRun;
  readonly start: StartingPoint;
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly pictures: Pictures;
  readonly recorder: RunRecorder;
  readonly identity: DataIdentity;
  readonly warnings: readonly string[];
  readonly view: RunView;
}

/** Some twenty drawings in all; a checkpoint so often that a crash costs little. */
const DRAWINGS = 20;
const SAVE_EVERY = { minutes: 10 };

/** Takes the steps of a run on an engine that has its parameters, logging, saving and drawing in between. */
export async function trainAndRecord(
  plan: Plan,
  engine: PretrainingEngine,
): Promise<PretrainResult['status']> {
  const { recorder, start } = plan;
  recorder.begin(await makeRoom(plan), describeForLog(plan, engine));
  const keeper = keeperOf(plan, engine);
  try {
    const drawing = await RunDrawing.open(plan, engine);
    await takeSteps(plan, engine, keeper, drawing);
    if (recorder.step > start.step) await save(plan, keeper);
    const status = statusOf(plan);
    recorder.end(status);
    if (status !== 'interrupted' && recorder.step > start.step) await drawing.draw();
    return status;
  } catch (error) {
    const explained = error instanceof NonFiniteLoss ? explainNonFinite(error, plan, keeper) : error;
    recorder.end('failed', explained instanceof Error ? explained.message : String(explained));
    throw explained;
  }
}

async function takeSteps(
  plan: Plan,
  engine: PretrainingEngine,
  keeper: CheckpointKeeper,
  drawing: RunDrawing,
): Promise<void> {
  const { options, spec, recipe, length, start, pictures, recorder } = plan;
  const { signal, maxSteps = Number.POSITIVE_INFINITY, saveEvery = SAVE_EVERY } = options;
  const { drawEvery = { epochs: Math.ceil(recipe.epochs / DRAWINGS) } } = options;
  const isSavingDue = recurrence(saveEvery);
  const isDrawingDue = recurrence(drawEvery);
  const steps = trainingSteps({
    engine,
    recipe,
    length,
    microBatches: pretrainingMicroBatches(spec, recipe, length, pictures),
    startStep: start.step,
    lastStep: Math.min(length.steps, start.step + maxSteps),
    ...(signal ? { signal } : {}),
    onMicroBatch: (done, count) => recorder.recordMicroBatch(done, count),
  });
  for await (const record of steps) {
    recorder.record(record);
    if (isSavingDue(record)) await save(plan, keeper);
    if (isDrawingDue(record) && record.step < length.steps) await drawing.draw();
  }
}

/** The log of a run is on the disk before the checkpoint that goes on from there. */
async function save({ recorder, identity }: Plan, keeper: CheckpointKeeper): Promise<void> {
  recorder.flush();
  await keeper.save(recorder.step, { ...recorder.statistics, ...identity });
}

/** Makes the folder ready for this run; resolves to the log lines of its earlier steps. */
async function makeRoom({ files, existing, start }: Plan): Promise<LogLine[]> {
  await removePartialFiles(files);
  if (existing === 'resume') return rewindLog(files.log, start.step);
  await clearRun(files);
  return [];
}

function keeperOf(
  { options, spec, files, recipe, length, existing, start }: Plan,
  engine: PretrainingEngine,
) {
  return new CheckpointKeeper({
    path: files.checkpoint,
    spec,
    recipe,
    length,
    engine,
    save: options.save ?? saveCheckpoint,
    savedStep: existing === 'resume' ? start.step : undefined,
  });
}

function describeForLog(plan: Plan, engine: PretrainingEngine): Record<string, unknown> {
  const { options, spec, recipe, length, pictures } = plan;
  return {
    model: spec.model.name,
    spec_hash: spec.hash,
    compiler: spec.compiler,
    engine: engine.description,
    data: pictures.folder.directory,
    pictures: pictures.count,
    steps: length.steps,
    recipe,
    overrides: options.overrides ?? {},
    ...(options.from === undefined ? {} : { from: options.from }),
  };
}

function statusOf({ options, recorder, length }: Plan): PretrainResult['status'] {
  if (recorder.step >= length.steps) return 'finished';
  return options.signal?.aborted ? 'interrupted' : 'stopped';
}

/** What went wrong where, what the losses were before, and what to try. */
function explainNonFinite(error: NonFiniteLoss, plan: Plan, keeper: CheckpointKeeper): UserError {
  const { recorder, length, recipe } = plan;
  const epoch = Math.floor((error.step - 1) / length.stepsPerEpoch) + 1;
  const before = recorder.losses.slice(-5).map(({ loss }) => Number(loss.toPrecision(4)));
  const where = `step ${error.step} of ${length.steps} (epoch ${epoch}, learning rate ${error.learningRate.toExponential(2)})`;
  const losses = before.length > 0 ? `; the losses before it: ${before.join(', ')}` : '';
  const again = keeper.hasSaved ? 'go on from there: --resume' : 'train again: --overwrite';
  return new UserError(
    `the loss is ${error.loss} at ${where}${losses}`,
    [
      keeper.lastGood,
      `${again} --lr ${halvedRate(recipe)} (half the learning rate)`,
      'a longer warm-up (--warmup) helps, too; if it happens at once, check the mean and deviation in the spec',
    ].join('\n'),
    { cause: error },
  );
}
