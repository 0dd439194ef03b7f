import type { SkippedPicture } from '../data/pictures.ts';
import type { LossPoint } from '../view/loss-series.ts';
import type { StepRecord } from './loop.ts';
import { ProgressMeter, progressText } from './progress.ts';
import type { RunLength } from './run-length.ts';
import { type LogLine, RunLog } from './run-log.ts';
import type { RunView } from './run-view.ts';
import type { RunStatistics } from './starting-point.ts';

/** How a run ended; see `PretrainResult`. */
export type RunStatus = 'finished' | 'stopped' | 'interrupted' | 'failed';

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

/** Writes the log, shows the progress, and keeps the statistics of a run. */
export class RunRecorder {
  readonly view: RunView;
  readonly #log: RunLog;
  readonly #length: RunLength;
  readonly #meter = new ProgressMeter();
  #losses: LossPoint[] = [];
  #step: number;
  #statistics: RunStatistics;
  #skipped = 0;
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

  get statistics(): RunStatistics {
    return this.#statistics;
  }

  /** The loss of every step since the run began. */
  get losses(): readonly LossPoint[] {
    return this.#losses;
  }

  /** Median loss of the latest steps; NaN before the first. */
  get smoothedLoss(): number {
    return this.#meter.loss;
  }

  /** Begins: `earlier` is the log of the steps that were taken before. */
  begin(earlier: readonly LogLine[], about: Readonly<Record<string, unknown>>): void {
    this.#losses = earlier.flatMap((line) =>
      line.event === 'step' ? [this.#lossPoint(line.step, line.loss, line.lr)] : [],
    );
    this.#log.add({ event: this.#step === 0 ? 'start' : 'resume', step: this.#step, ...about });
  }

  record(record: StepRecord): void {
    const { step, loss, learningRate, pictures, seconds, waited } = record;
    this.#step = step;
    this.#losses.push(this.#lossPoint(step, loss, learningRate));
    this.#meter.add({ loss, pictures, seconds, waited });
    this.#log.add({
      event: 'step',
      step,
      epoch: round(step / this.#length.stepsPerEpoch),
      loss,
      lr: learningRate,
      images_per_second: round(pictures / seconds),
      data_wait: round(waited / seconds),
    });
    const { epochLoss, epochLearningRate, epochSeconds, seconds: total } = this.#statistics;
    this.#statistics = {
      epochLoss: epochLoss + loss,
      epochLearningRate: epochLearningRate + learningRate,
      epochSeconds: epochSeconds + seconds,
      seconds: total + seconds,
    };
    if (record.endsEpoch) this.#endEpoch(record.epoch);
    this.#showProgress(record);
  }

  /** A large step shows that it is under way. */
  recordMicroBatch(done: number, count: number): void {
    if (done < count) this.view.progress(`${this.#progress}  micro-batch ${done}/${count}`);
  }

  skipped({ path, reason }: SkippedPicture): void {
    this.#log.add({ event: 'skipped', step: this.#step, path, reason });
    this.#skipped++;
    if (this.#skipped <= NAMED) this.view.warn(`skipped ${path}: ${reason}`);
    if (this.#skipped === NAMED) this.view.warn('further pictures that are skipped are in log.jsonl only');
  }

  end(status: RunStatus, reason?: string): void {
    this.#log.add({ event: 'end', step: this.#step, status, ...(reason === undefined ? {} : { reason }) });
    this.flush();
  }

  /** Writes out what waits in memory. */
  flush(): void {
    this.#log.flush();
  }

  #lossPoint(step: number, loss: number, learningRate: number): LossPoint {
    return { step, loss, learningRate, epoch: step / this.#length.stepsPerEpoch };
  }

  #endEpoch(epoch: number): void {
    const { epochLoss, epochLearningRate, epochSeconds, seconds } = this.#statistics;
    const steps = this.#length.stepsPerEpoch;
    this.#log.add({
      event: 'epoch',
      step: this.#step,
      epoch,
      train_loss: epochLoss / steps,
      train_lr: epochLearningRate / steps,
      seconds: round(epochSeconds),
    });
    this.#statistics = { epochLoss: 0, epochLearningRate: 0, epochSeconds: 0, seconds };
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

/** Measures of time need no more than four digits after the point. */
function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
