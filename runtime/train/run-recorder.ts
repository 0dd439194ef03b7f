import type { SkippedPicture } from '../data/pictures.ts';
import type { LossPoint } from '../view/loss-series.ts';
import type { EventFile } from '../view/tensorboard/event-file.ts';
import type { StepRecord } from './loop.ts';
import { ProgressMeter, progressText } from './progress.ts';
import type { RunLength } from './run-length.ts';
import { type LogLine, RunLog } from './run-log.ts';
import type { RunView } from './run-view.ts';
import type { RunStatistics } from './starting-point.ts';

/** How a run ended; see `RunResult`. */
export type RunStatus = 'finished' | 'stopped' | 'interrupted' | 'failed';

/** What is logged of an epoch. */
export type EpochLine = Extract<LogLine, { readonly event: 'epoch' }>;

/** How a classifier did on the validation pictures after an epoch; shares are 0..1. */
export interface EpochEvaluation {
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
  /** Trainable parameters: what the official log has in every line. */
  readonly trainableParameters: number;
}

export interface RecorderOptions {
  readonly log: string;
  readonly view: RunView;
  readonly length: RunLength;
  /** Steps that were taken before, and the statistics of then. */
  readonly step: number;
  readonly statistics: RunStatistics;
}

/** How many undecodable pictures are named in the view; the log has them all. */
const NAMED = 10;

/** Writes the log and TensorBoard's events, shows the progress, and keeps the statistics of a run. */
export class RunRecorder {
  readonly view: RunView;
  readonly #log: RunLog;
  readonly #length: RunLength;
  readonly #meter = new ProgressMeter();
  #losses: LossPoint[] = [];
  #epochs: EpochLine[] = [];
  #started: Date | undefined;
  #events: EventFile | undefined;
  #step: number;
  #statistics: RunStatistics;
  #skipped = 0;
  #hasBegun = false;
  readonly #early: LogLine[] = [];
  #logFailed = false;
  #progress: string;

  constructor(options: RecorderOptions) {
    this.view = options.view;
    this.#length = options.length;
    this.#step = options.step;
    this.#statistics = options.statistics;
    this.#progress = `step ${options.step}/${options.length.steps}`;
    this.#log = new RunLog(options.log, (error) => this.#reportLog(error));
  }

  /** Steps taken since the run began. */
  get step(): number {
    return this.#step;
  }

  /** Of classifiers that were evaluated: the last accuracy, and the best. */
  get accuracy(): { readonly last: number; readonly best: number } | undefined {
    const { bestAccuracy } = this.#statistics;
    const last = this.#epochs.findLast(({ test_acc1 }) => test_acc1 !== undefined)?.test_acc1;
    return last === undefined ? undefined : { last: last / 100, best: bestAccuracy };
  }

  /**
   * Whether all steps of an epoch were taken, but its end was not taken down: a run that was cut short while it evaluated the
   * epoch does so when it is resumed.
   */
  get isEpochOpen(): boolean {
    return (
      this.#step > 0 && this.#step % this.#length.stepsPerEpoch === 0 && this.#statistics.epochSeconds > 0
    );
  }

  get statistics(): RunStatistics {
    return this.#statistics;
  }

  /** The loss of every step since the run began. */
  get losses(): readonly LossPoint[] {
    return this.#losses;
  }

  /** What was logged of every epoch since the run began. */
  get epochs(): readonly EpochLine[] {
    return this.#epochs;
  }

  /** When the run began; not known of runs whose log does not say it. */
  get started(): Date | undefined {
    return this.#started;
  }

  /** What TensorBoard is told of the run, where there is room for it. */
  get events(): EventFile | undefined {
    return this.#events;
  }

  /** Median loss of the latest steps; NaN before the first. */
  get smoothedLoss(): number {
    return this.#meter.loss;
  }

  /** Begins: `earlier` is the log of the steps that were taken before; `about` goes into the log. */
  begin(earlier: readonly LogLine[], about: Readonly<Record<string, unknown>>, events?: EventFile): void {
    const time = new Date();
    this.#events = events;
    this.#epochs = earlier.filter((line) => line.event === 'epoch');
    this.#started = this.#step === 0 ? time : startOf(earlier);
    this.#losses = earlier.flatMap((line) =>
      line.event === 'step' ? [this.#lossPoint(line.step, line.loss, line.lr)] : [],
    );
    this.#log.add({
      event: this.#step === 0 ? 'start' : 'resume',
      step: this.#step,
      time: time.toISOString(),
      ...about,
    });
    this.#hasBegun = true;
    for (const line of this.#early.splice(0)) this.#log.add(line);
  }

  record(record: StepRecord): void {
    const { step, loss, learningRate, pictures, seconds, waited, lossScale } = record;
    this.#step = step;
    this.#losses.push(this.#lossPoint(step, loss, learningRate));
    this.#meter.add({ loss, pictures, seconds, waited });
    if (lossScale && lossScale.overflows > 0) {
      this.#log.add({ event: 'overflow', step, times: lossScale.overflows, loss_scale: lossScale.scale });
    }
    this.#log.add({
      event: 'step',
      step,
      epoch: round(step / this.#length.stepsPerEpoch),
      loss,
      lr: learningRate,
      images_per_second: round(pictures / seconds),
      data_wait: round(waited / seconds),
      ...(lossScale ? { loss_scale: lossScale.scale } : {}),
    });
    this.#events?.scalars(step, {
      'train/loss': loss,
      'train/lr': learningRate,
      'speed/images_per_second': pictures / seconds,
      'speed/data_wait': waited / seconds,
      ...(lossScale ? { 'train/loss_scale': lossScale.scale } : {}),
    });
    const { epochLoss, epochLearningRate, epochSeconds, seconds: total, ...others } = this.#statistics;
    this.#statistics = {
      ...others,
      epochLoss: epochLoss + loss,
      epochLearningRate: epochLearningRate + learningRate,
      epochSeconds: epochSeconds + seconds,
      seconds: total + seconds,
    };
    this.#showProgress(record);
  }

  /** Takes down the epoch whose last step was recorded, and how it was evaluated; returns whether that is the best of the run. */
  endEpoch(evaluation?: EpochEvaluation): boolean {
    const { epochLoss, epochLearningRate, epochSeconds, ...others } = this.#statistics;
    const steps = this.#length.stepsPerEpoch;
    const line: EpochLine = {
      event: 'epoch',
      step: this.#step,
      epoch: this.#step / steps - 1,
      train_loss: epochLoss / steps,
      train_lr: epochLearningRate / steps,
      ...officialKeys(evaluation),
      seconds: round(epochSeconds),
    };
    this.#epochs.push(line);
    this.#log.add(line);
    this.#events?.scalars(this.#step, epochScalars(line, evaluation));
    if (evaluation) this.view.line(evaluationText(line.epoch, evaluation));
    const isBest =
      evaluation !== undefined && (others.bestStep === 0 || evaluation.top1 > others.bestAccuracy);
    const best = isBest ? { bestAccuracy: evaluation.top1, bestStep: this.#step } : {};
    this.#statistics = { ...others, ...best, epochLoss: 0, epochLearningRate: 0, epochSeconds: 0 };
    return isBest;
  }

  /** A large step shows that it is under way. */
  recordMicroBatch(done: number, count: number): void {
    if (done < count) this.view.progress(`${this.#progress}  micro-batch ${done}/${count}`);
  }

  /** May be told before the run begins, when pictures are tried: the log may still be another run's then. */
  skipped({ path, reason }: SkippedPicture): void {
    const line = { event: 'skipped' as const, step: this.#step, path, reason };
    if (this.#hasBegun) this.#log.add(line);
    else this.#early.push(line);
    this.#skipped++;
    if (this.#skipped <= NAMED) this.view.warn(`skipped ${path}: ${reason}`);
    if (this.#skipped === NAMED) this.view.warn('further pictures that are skipped are in log.jsonl only');
  }

  end(status: RunStatus, reason?: string): void {
    const time = new Date().toISOString();
    this.#log.add({
      event: 'end',
      step: this.#step,
      time,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
    this.flush();
  }

  /** Writes out what waits in memory. */
  flush(): void {
    this.#log.flush();
    this.#events?.flush();
  }

  #lossPoint(step: number, loss: number, learningRate: number): LossPoint {
    return { step, loss, learningRate, epoch: step / this.#length.stepsPerEpoch };
  }

  #showProgress({ step, epoch, learningRate }: StepRecord): void {
    const { epochs, steps } = this.#length;
    const { loss, imagesPerSecond, dataWait, secondsPerStep } = this.#meter;
    const secondsLeft = (steps - step) * secondsPerStep;
    const progress = {
      epoch,
      epochs,
      step,
      steps,
      learningRate,
      loss,
      imagesPerSecond,
      dataWait,
      secondsLeft,
    };
    this.#progress = progressText(progress);
    this.view.progress(this.#progress);
  }

  #reportLog(error: unknown): void {
    if (this.#logFailed) return;
    this.#logFailed = true;
    const message = error instanceof Error ? error.message : String(error);
    this.view.warn(`${message}; the lines are kept in memory and written when there is room again`);
  }
}

/** An evaluation under the keys of the official log: accuracies in percent. */
function officialKeys(evaluation: EpochEvaluation | undefined) {
  if (evaluation === undefined) return {};
  const { loss, top1, top5, trainableParameters } = evaluation;
  return {
    test_loss: loss,
    test_acc1: 100 * top1,
    test_acc5: 100 * top5,
    n_parameters: trainableParameters,
  };
}

function epochScalars(
  { train_loss, train_lr }: EpochLine,
  evaluation: EpochEvaluation | undefined,
): Record<string, number> {
  const means = { 'epoch/train_loss': train_loss, 'epoch/train_lr': train_lr };
  if (evaluation === undefined) return means;
  const { loss, top1, top5 } = evaluation;
  return {
    ...means,
    'validation/loss': loss,
    'validation/top1': 100 * top1,
    'validation/top5': 100 * top5,
  };
}

function evaluationText(epoch: number, { loss, top1, top5 }: EpochEvaluation): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  return `epoch ${epoch + 1}: validation top-1 ${percent(top1)}, top-5 ${percent(top5)}, loss ${loss.toFixed(4)}`;
}

/** The time in the first line of a log. */
function startOf(log: readonly LogLine[]): Date | undefined {
  const time = log[0]?.event === 'start' ? log[0].time : undefined;
  return time === undefined ? undefined : new Date(time);
}

/** Measures of time need no more than four digits after the point. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
