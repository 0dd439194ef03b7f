import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LossScaleReport, OptimizerUpdate, TrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import { averageDecay } from './ema.ts';
import type { MicroBatch, MicroBatchSource, Sized } from './micro-batches.ts';
import { NonFiniteLoss } from './non-finite.ts';
import type { RunLength } from './run-length.ts';
import { learningRateAt, learningRateSchedule } from './schedule.ts';

/** One optimizer step that was taken. */
export interface StepRecord {
  /** Steps taken, this one included. */
  readonly step: number;
  /** The epoch it belongs to, from 0. */
  readonly epoch: number;
  /** Whether it was the last of its epoch. */
  readonly endsEpoch: boolean;
  /** Mean loss of its pictures. */
  readonly loss: number;
  readonly learningRate: number;
  readonly pictures: number;
  readonly seconds: number;
  /** Seconds of these spent waiting for pictures. */
  readonly waited: number;
  /** What the loss was multiplied by after the step, and how often it was halved in it; of engines that compute in float16. */
  readonly lossScale?: LossScaleReport;
}

export interface LoopOptions<Batch extends Sized> {
  readonly engine: TrainingEngine<Batch>;
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly microBatches: MicroBatchSource<Batch>;
  /** Factors on the learning rate by parameter. */
  readonly rateScales?: ReadonlyMap<string, number>;
  /** Steps that were taken before. */
  readonly startStep: number;
  /** Stops after this step. */
  readonly lastStep: number;
  /** Stops after the step under way. */
  readonly signal?: AbortSignal;
  /** Told after each micro-batch how many of the step's are done. */
  readonly onMicroBatch?: (done: number, count: number) => void;
}

/**
 * Takes the steps of a run one after the other, yielding after each: what is saved, logged and drawn between steps is
 * the caller's. Each step is a function of the engine's state, the recipe and the step's number.
 *
 * @throws NonFiniteLoss before the step is taken: the engine's parameters are then as they were.
 */
export async function* trainingSteps<Batch extends Sized>(
  options: LoopOptions<Batch>,
): AsyncGenerator<StepRecord, void, undefined> {
  const { engine, recipe, length, startStep, lastStep, signal, rateScales } = options;
  const schedule = learningRateSchedule(recipe);
  const settings = {
    ...recipe.optimizer,
    ...(recipe.clip > 0 ? { clip: recipe.clip } : {}),
    ...(rateScales ? { rateScales } : {}),
  };
  const micro = options.microBatches(startStep)[Symbol.asyncIterator]();
  try {
    // The averages begin as the parameters that the first step starts from.
    if (recipe.ema > 0 && startStep === 0) await engine.updateAverages(recipe.ema);
    for (let step = startStep; step < lastStep && !signal?.aborted; step++) {
      const learningRate = learningRateAt(schedule, step / length.stepsPerEpoch);
      const overflows = engine.lossScale?.overflows ?? 0;
      const begun = performance.now();
      const { loss, pictures, waited } = await takeStep(micro, options, { ...settings, learningRate });
      if (!Number.isFinite(loss)) throw new NonFiniteLoss({ loss, step: step + 1, learningRate });
      if (recipe.ema > 0) await engine.updateAverages(averageDecay(recipe.ema, step));
      const seconds = (performance.now() - begun) / 1000;
      const epoch = Math.floor(step / length.stepsPerEpoch);
      const endsEpoch = (step + 1) % length.stepsPerEpoch === 0;
      const record = { step: step + 1, epoch, endsEpoch, loss, learningRate, pictures, seconds, waited };
      yield { ...record, ...scaleSince(overflows, engine) };
    }
  } finally {
    await micro.return?.();
  }
}

/** Where an engine's loss scale is, and how often it was halved since there had been so many overflows. */
function scaleSince(
  before: number,
  { lossScale }: Pick<TrainingEngine<never>, 'lossScale'>,
): Pick<StepRecord, 'lossScale'> {
  if (lossScale === undefined) return {};
  return { lossScale: { scale: lossScale.scale, overflows: lossScale.overflows - before } };
}

interface StepSum {
  /** Mean over the pictures. */
  loss: number;
  pictures: number;
  waited: number;
}

/** Takes a step, unless its loss is not finite: at once where the engine can and the step is one batch. */
async function takeStep<Batch extends Sized>(
  micro: AsyncIterator<MicroBatch<Batch>>,
  options: LoopOptions<Batch>,
  update: OptimizerUpdate,
): Promise<StepSum> {
  const { engine, recipe } = options;
  if (recipe.accumulation === 1 && engine.step !== undefined) {
    const { batch, waited } = await nextOf(micro);
    const loss = await engine.step(batch, update);
    options.onMicroBatch?.(1, 1);
    await nextTurn();
    return { loss, pictures: batch.size, waited };
  }
  const sum = await accumulate(micro, options);
  if (Number.isFinite(sum.loss)) await engine.update(update);
  return sum;
}

async function nextOf<Batch extends Sized>(
  micro: AsyncIterator<MicroBatch<Batch>>,
): Promise<MicroBatch<Batch>> {
  const next = await micro.next();
  if (next.done) throw new Error('the pictures ended before the epoch did');
  return next.value;
}

/** Adds up the gradients of a step's micro-batches; the loss is their mean. Stops at the first loss that is not finite. */
async function accumulate<Batch extends Sized>(
  micro: AsyncIterator<MicroBatch<Batch>>,
  { engine, recipe, onMicroBatch }: LoopOptions<Batch>,
): Promise<StepSum> {
  const count = recipe.accumulation;
  const sum = { loss: 0, pictures: 0, waited: 0 };
  for (let i = 0; i < count && Number.isFinite(sum.loss); i++) {
    const { batch, waited } = await nextOf(micro);
    sum.loss += (await engine.accumulate(batch, 1 / count)) / count;
    sum.pictures += batch.size;
    sum.waited += waited;
    onMicroBatch?.(i + 1, count);
    // An engine may keep the thread busy all the while: signals and the reading of pictures get their turn here.
    await nextTurn();
  }
  return sum;
}
