import type { TrainingEngine } from '../engine/engine.ts';
import { UserError } from '../user-error.ts';
import { factsMarkdown } from '../view/report/spec-tables.ts';
import { EventFile } from '../view/tensorboard/event-file.ts';
import { saveCheckpoint } from '../weights/checkpoint.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { recurrence } from './interval.ts';
import { trainingSteps } from './loop.ts';
import type { Sized } from './micro-batches.ts';
import { NonFiniteLoss } from './non-finite.ts';
import { halvedRate } from './recipe.ts';
import { clearRun, removePartialFiles } from './run-folder.ts';
import { type LogLine, rewindLog } from './run-log.ts';
import type { RunPlan, RunResult, RunWatcher } from './run-plan.ts';

/** What of a plan needs no engine of a certain kind. */
type AnyPlan = Omit<RunPlan<Sized, TrainingEngine<Sized>>, 'microBatches' | 'openEngine' | 'watch'>;

/** Some twenty drawings in all; a checkpoint so often that a crash costs little. */
const DRAWINGS = 20;
const SAVE_EVERY = { minutes: 10 };

/** Takes the steps of a run on an engine that has its parameters, logging, saving, evaluating and drawing in between. */
export async function trainAndRecord<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  plan: RunPlan<Batch, Engine>,
  engine: Engine,
): Promise<RunResult['status']> {
  const { recorder, start } = plan;
  // Reads pictures: where none can be read, nothing of an earlier run is gone yet.
  const watcher = await plan.watch(engine);
  recorder.begin(await makeRoom(plan), describeForLog(plan, engine), await openEvents(plan));
  const keeper = keeperOf(plan, engine);
  const wasOpen = recorder.isEpochOpen;
  try {
    if (wasOpen) await endEpoch(plan, keeper, watcher);
    await takeSteps(plan, engine, keeper, watcher);
    if (recorder.step > 0) await save(plan, keeper);
    const status = statusOf(plan);
    recorder.end(status);
    const isNew = wasOpen || recorder.step > start.step;
    if (status !== 'interrupted' && isNew) await watcher.draw();
    await watcher.report(status);
    return status;
  } catch (error) {
    const explained = error instanceof NonFiniteLoss ? explainNonFinite(error, plan, keeper, engine) : error;
    const reason = explained instanceof Error ? explained.message : String(explained);
    recorder.end('failed', reason);
    await watcher.report('failed', reason);
    throw explained;
  }
}

async function takeSteps<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  plan: RunPlan<Batch, Engine>,
  engine: Engine,
  keeper: CheckpointKeeper,
  watcher: RunWatcher,
): Promise<void> {
  const { limits, recipe, length, start, recorder, microBatches, rateScales } = plan;
  const { signal, maxSteps = Number.POSITIVE_INFINITY, saveEvery = SAVE_EVERY } = limits;
  const { drawEvery = { epochs: Math.ceil(recipe.epochs / DRAWINGS) } } = limits;
  const isSavingDue = recurrence(saveEvery);
  const isDrawingDue = recurrence(drawEvery);
  const steps = trainingSteps<Batch>({
    engine,
    recipe,
    length,
    microBatches,
    ...(rateScales ? { rateScales } : {}),
    startStep: start.step,
    lastStep: Math.min(length.steps, start.step + maxSteps),
    ...(signal ? { signal } : {}),
    onMicroBatch: (done, count) => recorder.recordMicroBatch(done, count),
  });
  for await (const record of steps) {
    recorder.record(record);
    if (record.endsEpoch) await endEpoch(plan, keeper, watcher);
    if (isSavingDue(record)) await save(plan, keeper);
    if (isDrawingDue(record) && record.step < length.steps) {
      await watcher.draw();
      await watcher.report('running');
    }
  }
}

/** Evaluates the model, and takes the epoch down. What cuts the evaluation short leaves that for the resumed run. */
async function endEpoch(plan: AnyPlan, keeper: CheckpointKeeper, watcher: RunWatcher): Promise<void> {
  const { recorder } = plan;
  const evaluation = await watcher.endEpoch?.(recorder.step).catch(async (error: unknown) => {
    await save(plan, keeper).catch(() => undefined);
    throw error;
  });
  if (evaluation === 'cut short') return;
  keeper.outdate();
  if (recorder.endEpoch(evaluation)) await saveBest(plan, keeper);
}

/** The log of a run is on the disk before the checkpoint that goes on from there. */
async function save({ recorder, identity }: AnyPlan, keeper: CheckpointKeeper): Promise<void> {
  recorder.flush();
  await keeper.save(recorder.step, { ...recorder.statistics, ...identity });
}

async function saveBest({ recorder, identity }: AnyPlan, keeper: CheckpointKeeper): Promise<void> {
  recorder.flush();
  await keeper.saveBest(recorder.step, { ...recorder.statistics, ...identity });
}

/** Makes the folder ready for this run; resolves to the log lines of its earlier steps. */
async function makeRoom({ files, existing, start }: AnyPlan): Promise<LogLine[]> {
  await removePartialFiles(files);
  if (existing === 'resume') return rewindLog(files.log, start.step);
  await clearRun(files);
  return [];
}

/** Where TensorBoard's events go; what goes wrong with them is a warning. */
async function openEvents({ files, tables, start, view }: AnyPlan): Promise<EventFile | undefined> {
  let isTold = false;
  const failed = (error: unknown): void => {
    if (!isTold) view.warn(`${error instanceof Error ? error.message : String(error)}; the run goes on`);
    isTold = true;
  };
  try {
    const events = await EventFile.open({ folder: files.tensorBoard, step: start.step, failed });
    events.text(start.step, 'spec', factsMarkdown(tables));
    return events;
  } catch (error) {
    failed(error);
    return undefined;
  }
}

function keeperOf(
  { limits, model, files, recipe, length, existing, start }: AnyPlan,
  engine: TrainingEngine<never>,
): CheckpointKeeper {
  return new CheckpointKeeper({
    path: files.checkpoint,
    best: files.best,
    model,
    recipe,
    length,
    engine,
    save: limits.save ?? saveCheckpoint,
    savedStep: existing === 'resume' ? start.step : undefined,
  });
}

function describeForLog(
  { model, recipe, length, about }: AnyPlan,
  { description }: { readonly description: string },
): Record<string, unknown> {
  return {
    model: model.model.name,
    training: model.training ?? 'pretrain',
    spec_hash: model.hash,
    compiler: model.compiler,
    engine: description,
    steps: length.steps,
    recipe,
    ...about,
  };
}

function statusOf({ limits, recorder, length }: AnyPlan): RunResult['status'] {
  if (recorder.step >= length.steps && !recorder.isEpochOpen) return 'finished';
  return limits.signal?.aborted ? 'interrupted' : 'stopped';
}

const TOO_LARGE =
  'activations beyond 65504 are infinite in float16: with precision float32 in the recipe, compiled again, the run can go on, too';

/** What went wrong where, what the losses were before, and what to try. */
function explainNonFinite(
  error: NonFiniteLoss,
  plan: AnyPlan,
  keeper: CheckpointKeeper,
  { precision }: Pick<TrainingEngine<never>, 'precision'>,
): UserError {
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
      ...(precision?.type === 'float16' ? [TOO_LARGE] : []),
      'a longer warm-up (--warmup) helps, too; if it happens at once, check the mean and deviation in the spec',
    ].join('\n'),
    { cause: error },
  );
}
