import type { GeneratedModel } from '../../compile-model.ts';
import { fixedTrainingBytes } from '../spec-json.ts';
import { formatBytes, formatCount, formatGigaflops } from './quantities.ts';

export interface SummaryRow {
  readonly model: Pick<GeneratedModel, 'name' | 'files' | 'cost'>;
  readonly seconds: number;
}

const COLUMNS = [
  'model',
  'parameters (encoder + decoder)',
  'GFLOPs/image',
  'training memory',
  'files',
  'seconds',
];

/** The table that the command prints: one line a model. */
export function summaryTable(rows: readonly SummaryRow[]): string {
  const cells = rows.map(({ model, seconds }) => {
    const { parameters, forwardFlops, trainingActivationBytes } = model.cost;
    const sides = `${formatCount(parameters.encoder)} + ${formatCount(parameters.decoder)}`;
    return [
      model.name,
      `${formatCount(parameters.total)} (${sides})`,
      formatGigaflops(forwardFlops.total),
      `${formatBytes(fixedTrainingBytes(parameters))} + ${formatBytes(trainingActivationBytes)}/image`,
      String(model.files.length),
      seconds.toFixed(2),
    ];
  });
  return alignColumns([COLUMNS, ...cells], ['left', 'left', 'right', 'left', 'right', 'right']);
}

function alignColumns(lines: readonly (readonly string[])[], sides: readonly ('left' | 'right')[]): string {
  const widths = sides.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const align = (cell: string, column: number) =>
    sides[column] === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(align).join('  ').trimEnd()).join('\n');
}
