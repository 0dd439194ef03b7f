import { relativeChange } from '../numbers.ts';
import type { ModelFacts } from '../report.ts';
import { type Alignment, alignColumns, WIDTH } from './columns.ts';
import { costFootnote, quantities } from './cost-rows.ts';

type Style = (text: string) => string;

/** Rows of a comparison: the name of what is compared, and a cell for each model. */
export function comparisonRows(models: readonly ModelFacts[]): string[][] {
  const stack =
    (read: (facts: ModelFacts) => ModelFacts['architecture']['decoder']) => (facts: ModelFacts) => {
      const { depth, width, heads } = read(facts);
      return `${depth} x ${width}, ${heads} heads`;
    };
  const settings: readonly [string, (facts: ModelFacts) => string][] = [
    ['image', ({ architecture: { image } }) => `${image.height}x${image.width}x${image.channels}`],
    ['patch', ({ architecture: { patch } }) => `${patch.height}x${patch.width}`],
    ['patches visible', ({ tokens }) => `${tokens.visible} of ${tokens.patches}`],
    ['encoder', stack(({ architecture }) => architecture.encoder)],
    ['decoder', stack(({ architecture }) => architecture.decoder)],
  ];
  const [first] = models;
  const costs = quantities.map(({ name, read, show }) => [
    name,
    ...models.map(({ cost }, index) => {
      const basis =
        first === undefined || index === 0 ? '' : ` ${relativeChange(read(first.cost), read(cost))}`;
      return `${show(read(cost))}${basis}`;
    }),
  ]);
  return [...settings.map(([name, show]) => [name, ...models.map(show)]), ...costs];
}

/** Models side by side, with percentages against the first; as many tables as it takes to fit in 100 columns. */
export function renderComparison(models: readonly ModelFacts[], heading: Style, faint: Style): string {
  const rows = [['', ...models.map(({ name }) => name)], ...comparisonRows(models)];
  const tables: string[] = [];
  for (let begin = 1; begin <= models.length; ) {
    const count = columnsThatFit(rows, begin);
    const cells = rows.map((row) => [row[0] ?? '', ...row.slice(begin, begin + count)]);
    const [head = '', ...lines] = tableOf(cells);
    tables.push([heading(head), ...lines].join('\n'));
    begin += count;
  }
  const footnotes = [costFootnote, 'Percentages are against the first model.'].map(faint).join('\n');
  return [...tables, footnotes].join('\n\n');
}

function tableOf(cells: readonly (readonly string[])[]): string[] {
  const alignments = (cells[0] ?? []).map((_, index): Alignment => (index === 0 ? 'left' : 'right'));
  return alignColumns(cells, alignments);
}

function columnsThatFit(rows: readonly (readonly string[])[], begin: number): number {
  const available = (rows[0]?.length ?? 0) - begin;
  for (let count = available; count > 1; count--) {
    const cells = rows.map((row) => [row[0] ?? '', ...row.slice(begin, begin + count)]);
    if (tableOf(cells).every((line) => line.length <= WIDTH)) return count;
  }
  return 1;
}
