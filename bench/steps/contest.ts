import type { StepWorker } from '../worker-protocol.ts';
import type { Contestant, Task } from './contestant.ts';
import { type Heat, type HeatLimits, runHeat } from './heat.ts';
import { type Products, startProducts } from './matrix-products.ts';

/** A contestant's heat against the first. */
export interface Result {
  readonly contestant: Contestant;
  readonly heat: Heat;
}

/** A heat against matrix products, and how many FLOP they are. */
export interface ProductsResult {
  readonly heat: Heat;
  readonly flops: number;
}

/** What came out. */
export interface Contest {
  readonly own: Contestant;
  readonly ownPeakBytes: number | undefined;
  readonly results: readonly Result[];
  /** Large products, which show what the processor can. */
  readonly large: ProductsResult;
  /** Those of the first's step. */
  readonly floor: ProductsResult;
}

export interface ContestOptions {
  readonly task: Task;
  readonly limits: HeatLimits;
  readonly tell: { progress(text: string): void; line(text: string): void };
}

/** Lets each of the others take steps in turns with the first; those that fail are told of and left out. */
export async function runContest(
  first: Contestant,
  others: readonly Contestant[],
  { task, limits, tell }: ContestOptions,
): Promise<Contest> {
  const own = await first.start(task);
  const heatOf = async (label: string, other: StepWorker): Promise<Heat> => {
    try {
      return await runHeat(own, other, limits, (round, rounds) => {
        tell.progress(`${label}, round ${round + 1} of ${rounds}`);
      });
    } finally {
      other.stop();
    }
  };
  const products = async (label: string, { worker, flops }: Products): Promise<ProductsResult> => ({
    heat: await heatOf(label, worker),
    flops,
  });
  try {
    const large = await products('large products', await startProducts(task, 'large'));
    const floor = await products('the step’s products', await startProducts(task, 'step'));
    const results: Result[] = [];
    for (const contestant of others) {
      const label = `${contestant.name}, ${contestant.precision}, ${contestant.on}`;
      tell.progress(`${label} starts`);
      try {
        results.push({ contestant, heat: await heatOf(label, await contestant.start(task)) });
      } catch (error) {
        tell.line(`without ${label}: ${error instanceof Error ? error.message : error}`);
      }
    }
    const { peakBytes } = await own.steps(1);
    return { own: first, ownPeakBytes: peakBytes, results, large, floor };
  } finally {
    own.stop();
  }
}
