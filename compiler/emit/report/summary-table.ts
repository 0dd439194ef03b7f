import type { GeneratedModel } from '../../compile-model.ts';
import { alignColumns } from './align-columns.ts';
import { formatCount, formatGigaflops } from './quantities.ts';

export interface SummaryRow {
  readonly model: Pick<GeneratedModel, 'name' | 'cost'> & { readonly files: ArrayLike<unknown> };
  /** What generating it took; undefined where all was there and nothing had changed. */
  readonly seconds?: number;
}

const COLUMNS = ['model', 'parameters (encoder + decoder)', 'GFLOPs/image', 'files', 'seconds'];

/** The table that the command prints: one line a model. */
export function summaryTable(rows: readonly SummaryRow[]): string {
  const cells = rows.map(({ model, seconds }) => {
    const { parameters, forwardFlops } = model.cost;
    const sides = `${formatCount(parameters.encoder)} + ${formatCount(parameters.decoder)}`;
    return [
      model.name,
      `${formatCount(parameters.total)} (${sides})`,
      formatGigaflops(forwardFlops.total),
      String(model.files.length),
      seconds?.toFixed(2) ?? 'unchanged',
    ];
  });
  return alignColumns([COLUMNS, ...cells], ['left', 'left', 'right', 'right', 'right']);
}
