import { alignColumns } from '../../compiler/emit/report/align-columns.ts';
import { formatBytes } from '../../runtime/train/format.ts';
import { AXIS_NAMES, type Axis, BASE, type Sizes } from './axes.ts';
import { type Exponents, exponents, isWorse } from './exponents.ts';
import type { Measured, Metric } from './measure-point.ts';

/** What is told of each measure. */
export const METRICS: Readonly<
  Record<Metric, { readonly title: string; readonly format: (amount: number) => string }>
> = {
  step: { title: 'step', format: seconds },
  memory: { title: 'memory', format: formatBytes },
  session: { title: 'session start', format: seconds },
  compile: { title: 'compilation', format: seconds },
};

export const METRIC_NAMES: readonly Metric[] = ['step', 'memory', 'session', 'compile'];

function seconds(amount: number): string {
  return amount < 0.1 ? `${(1000 * amount).toFixed(1)} ms` : `${amount.toPrecision(3)} s`;
}

/** The points of an axis, in ascending order. */
export function along(points: readonly Measured[], axis: Axis): readonly Measured[] {
  const others = AXIS_NAMES.filter((name) => name !== axis);
  const isOn = ({ sizes }: Measured) => others.every((name) => sizes[name] === BASE[name]);
  return points.filter(isOn).sort((a, b) => a.sizes[axis] - b.sizes[axis]);
}

/** How a measure grows along an axis, and how it should. */
export interface Growth {
  readonly measured: Exponents;
  readonly expected: Exponents;
  readonly worse: boolean;
}

export function growthOf(points: readonly Measured[], axis: Axis, metric: Metric): Growth {
  const row = along(points, axis);
  const of = (kind: 'measured' | 'counted') =>
    exponents(row.map((point) => [point.sizes[axis], point[kind][metric]]));
  const [measured, expected] = [of('measured'), of('counted')];
  return { measured, expected, worse: isWorse(measured, expected) };
}

/** A table of what was measured, and one of how it grows. */
export function growthTables(points: readonly Measured[]): string {
  return `${measureTable(points)}\n\n${exponentTable(points)}`;
}

function measureTable(points: readonly Measured[]): string {
  const sizeCells = (sizes: Sizes) => AXIS_NAMES.map((name) => String(sizes[name]));
  const header = [...AXIS_NAMES, ...METRIC_NAMES.map((metric) => METRICS[metric].title)];
  const rows = AXIS_NAMES.flatMap((axis) =>
    along(points, axis).map(({ sizes, measured }) => [
      ...sizeCells(sizes),
      ...METRIC_NAMES.map((metric) => METRICS[metric].format(measured[metric])),
    ]),
  );
  return alignColumns(
    [header, ...rows],
    header.map(() => 'right' as const),
  );
}

function exponentTable(points: readonly Measured[]): string {
  const header = ['exponent of', 'in', 'overall', '(should be)', 'at the end', '(should be)', ''];
  const rows = METRIC_NAMES.flatMap((metric) =>
    AXIS_NAMES.map((axis) => {
      const { measured, expected, worse } = growthOf(points, axis, metric);
      return [
        METRICS[metric].title,
        axis,
        measured.overall.toFixed(2),
        `(${expected.overall.toFixed(2)})`,
        measured.atTheEnd.toFixed(2),
        `(${expected.atTheEnd.toFixed(2)})`,
        worse ? 'WORSE' : '',
      ];
    }),
  );
  return alignColumns([header, ...rows], ['left', 'left', 'right', 'right', 'right', 'right', 'left']);
}

/** How many measures grow faster than they should. */
export function countWorse(points: readonly Measured[]): number {
  return METRIC_NAMES.flatMap((metric) => AXIS_NAMES.filter((axis) => growthOf(points, axis, metric).worse))
    .length;
}
