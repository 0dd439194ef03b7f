import { formatCount, formatDuration } from './format.ts';

/** What one optimizer step was. */
export interface StepMeasure {
  readonly loss: number;
  /** Pictures in the step. */
  readonly pictures: number;
  /** Seconds from the end of the step before to the end of this one. */
  readonly seconds: number;
  /** Seconds of these spent waiting for pictures. */
  readonly waited: number;
}

/** Where the run stands after a step. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Median loss of the latest steps, as the official code prints. */
  readonly loss: number;
  readonly imagesPerSecond: number;
  /** Share of the time spent waiting for pictures, 0..1. */
  readonly dataWait: number;
  readonly secondsLeft: number;
}

/** How many of the latest steps the numbers are smoothed over; 20 is the official window. */
const WINDOW = 20;

/** Smooths the measures of the latest steps. */
export class ProgressMeter {
  readonly #latest: StepMeasure[] = [];

  add(measure: StepMeasure): void {
    this.#latest.push(measure);
    if (this.#latest.length > WINDOW) this.#latest.shift();
  }

  get loss(): number {
    return median(this.#latest.map(({ loss }) => loss));
  }

  get imagesPerSecond(): number {
    return this.#sum('pictures') / this.#sum('seconds');
  }

  get dataWait(): number {
    return this.#sum('waited') / this.#sum('seconds');
  }

  get secondsPerStep(): number {
    return this.#sum('seconds') / this.#latest.length;
  }

  #sum(key: 'pictures' | 'seconds' | 'waited'): number {
    return this.#latest.reduce((sum, measure) => sum + measure[key], 0);
  }
}

/** The lower of the two middle values where there are two, as torch.median. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** One line for people; what matters least comes last, where a narrow terminal cuts it off. */
export function progressText(progress: Progress): string {
  const { epoch, epochs, step, steps, loss, learningRate, imagesPerSecond, dataWait, secondsLeft } = progress;
  return [
    `epoch ${Math.min(epoch + 1, Math.ceil(epochs))}/${Math.ceil(epochs)}`,
    `step ${step}/${steps}`,
    `loss ${loss.toFixed(4)}`,
    `lr ${learningRate.toExponential(2)}`,
    `${formatCount(imagesPerSecond)} images/s`,
    step < steps ? `${formatDuration(secondsLeft)} left` : 'done',
    `data wait ${Math.round(dataWait * 100)}%`,
  ].join('  ');
}
