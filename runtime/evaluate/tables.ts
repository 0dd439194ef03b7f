import Table from 'cli-table3';
import type { ClassificationSummary } from './metrics.ts';

type Cells = readonly string[];
type Side = 'left' | 'right';

/** Columns two spaces apart under their heads, without lines between them; wide characters count as two. */
function formatTable(heads: Cells, sides: readonly Side[], rows: readonly Cells[]): string {
  const nothing = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
  ];
  const rules = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
  const table = new Table({
    chars: { ...Object.fromEntries([...nothing, ...rules].map((place) => [place, ''])), middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: [...sides],
  });
  table.push([...heads], ...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A share of 0..1 as per cent with as many digits as 100 000 pictures give sense to; "–" for a share of nothing. */
export function formatShare(share: number, digits = 2): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : '–';
}

/** The few numbers that say how good a classifier is, one a line. */
export function summaryLines(summary: ClassificationSummary): string[] {
  const { pictures, broken, classes, loss, top1, top5, balancedAccuracy, macroF1 } = summary;
  const named: readonly (readonly [string, string])[] = [
    ['pictures', `${pictures} of ${classes} classes`],
    ...(broken > 0
      ? [['broken', `${broken} with outputs that are no numbers, counted as wrong`] as const]
      : []),
    ['top-1', formatShare(top1)],
    // Below six classes the true one is always among the first five.
    ...(classes > 5 ? [['top-5', formatShare(top5)] as const] : []),
    ['balanced', `${formatShare(balancedAccuracy)} (mean over the classes)`],
    ['macro F1', formatShare(macroF1)],
    ['loss', Number.isFinite(loss) ? loss.toFixed(4) : '–'],
  ];
  return named.map(([name, value]) => `${name.padEnd(10)}${value}`);
}

/** How well each class is recognised: a line a class, in the order of the classes. */
export function classTable(summary: ClassificationSummary, classNames: readonly string[]): string {
  const { support, predicted, precision, recall, f1 } = summary;
  const rows = classNames.map((name, i) => {
    const ofNothing = (total: number | undefined, share: number | undefined) =>
      total === 0 ? '–' : formatShare(share ?? 0, 1);
    return [
      name,
      String(support[i] ?? 0),
      ofNothing(predicted[i], precision[i]),
      ofNothing(support[i], recall[i]),
      ofNothing((support[i] ?? 0) + (predicted[i] ?? 0), f1[i]),
    ];
  });
  const heads = ['class', 'pictures', 'precision', 'recall', 'F1'];
  return formatTable(heads, ['left', 'right', 'right', 'right', 'right'], rows);
}

/** Pictures of one class that were taken for another. */
export interface Confusion {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
  /** Of the pictures of the true class. */
  readonly share: number;
}

/** The most frequent confusions, then those that are the largest share of their class, then in the order of the classes. */
export function worstConfusions(
  { confusion, support, classes }: ClassificationSummary,
  limit = 10,
): Confusion[] {
  const found: Confusion[] = [];
  confusion.forEach((count, cell) => {
    const [truth, predicted] = [Math.floor(cell / classes), cell % classes];
    if (count === 0 || truth === predicted) return;
    found.push({ truth, predicted, count, share: count / (support[truth] ?? count) });
  });
  return found.sort((a, b) => b.count - a.count || b.share - a.share).slice(0, limit);
}

/** The table of `worstConfusions`; a sentence when there are none. */
export function confusionsTable(
  summary: ClassificationSummary,
  classNames: readonly string[],
  limit?: number,
): string {
  const name = (index: number) => classNames[index] ?? String(index);
  const rows = worstConfusions(summary, limit).map(({ truth, predicted, count, share }) => [
    name(truth),
    name(predicted),
    String(count),
    `${formatShare(share, 1)} of ${summary.support[truth] ?? 0}`,
  ]);
  if (rows.length === 0) return 'no class was taken for another';
  return formatTable(['class', 'taken for', 'pictures', 'share'], ['left', 'left', 'right', 'left'], rows);
}

/** With more classes the matrix is wider than a terminal. */
export const LARGEST_MATRIX = 12;

const LONGEST_HEAD = 8;

/**
 * The confusion matrix: a line for each true class, a column for each predicted one; a dot is a zero.
 * `undefined` for more than `LARGEST_MATRIX` classes.
 */
export function confusionMatrixTable(
  { confusion, classes }: ClassificationSummary,
  classNames: readonly string[],
): string | undefined {
  if (classes > LARGEST_MATRIX) return undefined;
  const rows = classNames.map((name, truth) => [
    name,
    ...Array.from(confusion.subarray(truth * classes, (truth + 1) * classes), (count, predicted) =>
      count === 0 ? (predicted === truth ? '0' : '·') : String(count),
    ),
  ]);
  const heads = ['true \\ predicted', ...classNames.map(shortHead)];
  return formatTable(heads, ['left', ...classNames.map(() => 'right' as const)], rows);
}

function shortHead(name: string): string {
  const characters = [...name];
  return characters.length <= LONGEST_HEAD
    ? name
    : `${characters
        .slice(0, LONGEST_HEAD - 1)
        .join('')
        .trimEnd()}…`;
}
