import { median } from '../median.ts';

/** One step of a long run. */
export interface SoakStep {
  readonly step: number;
  /** Since the run began. */
  readonly time: number;
  readonly seconds: number;
  /** Of all threads, what is between two steps included. */
  readonly cpuSeconds: number;
  /** Resident memory of the process after the step. */
  readonly bytes: number;
}

export interface SoakLimits {
  /** Share by which the memory may grow after the warm-up. */
  readonly memory: number;
  /** Share by which a step may take longer in the last quarter than in the first. */
  readonly time: number;
}

export interface SoakVerdict {
  /** Shares: 0.01 is 1 % more at the end. */
  readonly memoryGrowth: number;
  readonly timeDrift: number;
  readonly cpuDrift: number;
  /** What is over its limit, as sentences; none where all is well. */
  readonly complaints: readonly string[];
}

/** The share of a run that its memory may take to settle: the first checkpoints and drawings are in it. */
const WARM_UP = 0.2;

/**
 * Compares the end of a run with its beginning: memory between the first and the last tenth of the steps after the warm-up, the
 * time of a step between the first and the last quarter of all but the first tenth. Medians, so that a checkpoint between
 * two steps, or a moment in which the machine was busy, counts for nothing. Throws for fewer than 40 steps.
 */
export function judgeSoak(steps: readonly SoakStep[], limits: SoakLimits): SoakVerdict {
  if (steps.length < 40)
    throw new Error(`${steps.length} steps say nothing of drift: at least 40 are needed`);
  const settled = steps.slice(Math.floor(WARM_UP * steps.length));
  const warm = steps.slice(Math.floor(steps.length / 10));
  const memoryGrowth = growth(settled, 0.1, ({ bytes }) => bytes);
  const timeDrift = growth(warm, 0.25, ({ seconds }) => seconds);
  const cpuDrift = growth(warm, 0.25, ({ cpuSeconds }) => cpuSeconds);
  const complaints = [
    ...(memoryGrowth > limits.memory
      ? [`memory grew by ${percent(memoryGrowth)}, more than ${percent(limits.memory)}`]
      : []),
    ...(timeDrift > limits.time
      ? [
          `a step took ${percent(timeDrift)} longer in the end, more than ${percent(limits.time)}${
            cpuDrift > limits.time
              ? ''
              : `; its processor time changed by ${percent(cpuDrift)} only, so the machine may have been busy with other things`
          }`,
        ]
      : []),
  ];
  return { memoryGrowth, timeDrift, cpuDrift, complaints };
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** By what share the median of the last part of the steps is above that of the first. */
function growth(steps: readonly SoakStep[], part: number, of: (step: SoakStep) => number): number {
  const count = Math.max(1, Math.floor(part * steps.length));
  const first = median(steps.slice(0, count).map(of));
  return median(steps.slice(-count).map(of)) / first - 1;
}
