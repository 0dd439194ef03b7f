import Table from 'cli-table3';
import pc from 'picocolors';
import { formatDuration } from '../../runtime/train/format.ts';

/** One thing that both encoders did. Shares of the test pictures that they got right are 0..1. */
export interface Comparison {
  readonly name: string;
  readonly scratch: number;
  readonly pretrained: number;
  /** How many pictures both went through together, each as often as it came. */
  readonly pictures: number;
  readonly seconds: number;
}

export interface Outcome {
  readonly pretraining: Pick<Comparison, 'pictures' | 'seconds'>;
  readonly comparisons: readonly Comparison[];
  /** From the first picture drawn to the last one classified. */
  readonly seconds: number;
}

/** Where pretraining did not help: a draw is no win. */
export function lostComparisons({ comparisons }: Outcome): string[] {
  return comparisons.filter(({ scratch, pretrained }) => !(pretrained > scratch)).map(({ name }) => name);
}

/** The results, a line for each comparison. */
export function resultsTable({ comparisons }: Outcome): string {
  const table = new Table({
    head: ['', 'from scratch', 'pretrained', 'margin', 'pictures', 'time'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, scratch, pretrained, pictures, seconds } of comparisons) {
    table.push([
      name,
      percent(scratch),
      percent(pretrained),
      margin(pretrained - scratch),
      String(pictures),
      formatDuration(seconds),
    ]);
  }
  return table.toString();
}

/** What stands below the table: what pretraining cost, and what all of it did. */
export function costLine({ pretraining, seconds }: Outcome): string {
  const { pictures, seconds: trained } = pretraining;
  return `Pretraining went through ${pictures} pictures in ${formatDuration(trained)}; everything took ${formatDuration(seconds)}.`;
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A difference of two shares in percentage points, with its sign, and coloured by it where there are colours. */
function margin(difference: number): string {
  const text = `${difference < 0 ? '−' : '+'}${(Math.abs(difference) * 100).toFixed(1)}`;
  return difference > 0 ? pc.green(text) : pc.red(text);
}
