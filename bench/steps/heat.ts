import { median } from '../median.ts';
import type { StepWorker } from '../worker-protocol.ts';

/** How long a heat may be. */
export interface HeatLimits {
  readonly rounds: number;
  /** After the warm-up; there are two rounds at least. */
  readonly seconds: number;
  /** Of either in a round, at most; fewer where a step takes long. */
  readonly stepsPerRound: number;
}

/** Two that took turns: mean seconds of a step in each round, of both in the same order. */
export interface Heat {
  readonly own: readonly number[];
  readonly other: readonly number[];
  /** Resident memory of the other's process at its highest, if it tells. */
  readonly peakBytes: number | undefined;
}

/** A step that takes longer is a round of its own. */
const LONG = 1;

/** Lets two workers take steps in turns, in rounds that are short beside what else happens on a machine. */
export async function runHeat(
  own: StepWorker,
  other: StepWorker,
  limits: HeatLimits,
  onRound: (round: number, rounds: number) => void,
): Promise<Heat> {
  const steps = [await warmUp(own), await warmUp(other)];
  const counts = steps.map((seconds) => (seconds > LONG ? 1 : limits.stepsPerRound));
  const roundSeconds = steps.reduce((sum, seconds, i) => sum + seconds * (counts[i] ?? 1), 0);
  const rounds = Math.min(limits.rounds, Math.max(2, Math.floor(limits.seconds / roundSeconds)));
  const times: { own: number[]; other: number[] } = { own: [], other: [] };
  let peakBytes: number | undefined;
  for (let round = 0; round < rounds; round++) {
    onRound(round, rounds);
    times.own.push(mean((await own.steps(counts[0] ?? 1)).seconds));
    const step = await other.steps(counts[1] ?? 1);
    times.other.push(mean(step.seconds));
    peakBytes = step.peakBytes;
  }
  return { ...times, peakBytes };
}

/** Seconds of the second of two steps: memory is taken and code compiled in the first. */
async function warmUp(worker: StepWorker): Promise<number> {
  return (await worker.steps(2)).seconds.at(-1) ?? 0;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How many times as fast as the other the own is: the median of the rounds' ratios. */
export function ratioOf({ own, other }: Heat): number {
  return median(other.map((seconds, round) => seconds / (own[round] ?? Number.NaN)));
}
