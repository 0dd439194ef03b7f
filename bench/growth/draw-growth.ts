import { type Curve, drawingOf, drawPanel, label, type Point, type Tick } from '../draw/panel.ts';
import { AXIS_NAMES, type Axis, BASE } from './axes.ts';
import type { Measured, Metric } from './measure-point.ts';
import { along, growthOf, METRIC_NAMES, METRICS } from './report.ts';

const PANEL = { width: 170, height: 130 };
const LEFT = 132;
const TOP = 122;
const GAP = { x: 56, y: 56 };
const WIDTH = LEFT + 4 * PANEL.width + 3 * GAP.x + 24;
const HEIGHT = TOP + 4 * PANEL.height + 3 * GAP.y + 44;

/** A plot for each measure and axis, both in logarithms, so that a power is a straight line and its exponent the slope. */
export function drawGrowth(points: readonly Measured[], note: string): string {
  const ranges = new Map(METRIC_NAMES.map((metric) => [metric, rangeOf(points, metric)]));
  const parts = METRIC_NAMES.flatMap((metric, row) => {
    const top = TOP + row * (PANEL.height + GAP.y);
    const range = ranges.get(metric) ?? [1, 10];
    return [
      label(METRICS[metric].title, 16, top - 12, { kind: 'heading' }),
      ...AXIS_NAMES.flatMap((axis, column) =>
        plot(points, axis, metric, { left: LEFT + column * (PANEL.width + GAP.x), top, range }),
      ),
    ];
  });
  const words = 'Time, memory, session start and compilation against depth, width, tokens and batch';
  return drawingOf(WIDTH, HEIGHT, words, [
    label('How a training step grows', 16, 34, { kind: 'title' }),
    label(note, 16, 56, { kind: 'note' }),
    label(
      'Solid: measured. Dashed: what it is made of, counted, through the same mean. Both scales are logarithmic; s is the slope at the end, and what it should be.',
      16,
      76,
      { kind: 'note' },
    ),
    ...parts,
  ]);
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly range: readonly [number, number];
}

function plot(
  points: readonly Measured[],
  axis: Axis,
  metric: Metric,
  { left, top, range }: Place,
): string[] {
  const row = along(points, axis);
  const measured = row.map(({ sizes, measured }): Point => [sizes[axis], measured[metric]]);
  const counted = row.map(({ sizes, counted }): Point => [sizes[axis], counted[metric]]);
  const sizes = measured.map(([size]) => size);
  const { measured: found, expected, worse } = growthOf(points, axis, metric);
  const slopes = `s ${found.atTheEnd.toFixed(2)} (${expected.atTheEnd.toFixed(2)})${worse ? ' worse' : ''}`;
  const curves: Curve[] = [
    { points: movedOnto(counted, measured), kind: 'expected' },
    { points: measured, kind: 'measured', dots: true },
  ];
  return [
    label(axis, left, top - 12, { kind: 'label' }),
    label(slopes, left + PANEL.width, top - 12, { kind: worse ? 'worse' : 'note', anchor: 'end' }),
    ...drawPanel({
      ...PANEL,
      left,
      top,
      scale: 'logarithmic',
      x: {
        range: [Math.min(...sizes), Math.max(...sizes)],
        ticks: sizes.map((at) => ({ at, label: String(at) })),
      },
      y: { range, ticks: powerTicks(range, metric) },
      curves,
    }),
  ];
}

/** What was counted, in the unit of what was measured: through the same geometric mean. */
function movedOnto(counted: readonly Point[], measured: readonly Point[]): Point[] {
  const meanLog = (points: readonly Point[]) =>
    points.reduce((sum, [, y]) => sum + Math.log(y), 0) / points.length;
  const factor = Math.exp(meanLog(measured) - meanLog(counted));
  return counted.map(([x, y]) => [x, y * factor]);
}

/** One for a row of plots: it holds what was measured and the dashed lines. */
function rangeOf(points: readonly Measured[], metric: Metric): readonly [number, number] {
  const values = AXIS_NAMES.flatMap((axis) => {
    const row = along(points, axis);
    const on = (kind: 'measured' | 'counted') =>
      row.map((point): Point => [point.sizes[axis], point[kind][metric]]);
    return [...on('measured'), ...movedOnto(on('counted'), on('measured'))].map(([, y]) => y);
  });
  return [Math.min(...values) / 1.25, Math.max(...values) * 1.25];
}

/** Powers of ten within a range, with 2 and 5 times them where these would be too few. */
function powerTicks([low, high]: readonly [number, number], metric: Metric): Tick[] {
  const span = Math.log10(high / low);
  const factors = span > 2 ? [1] : span > 0.9 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
  const powers = Array.from({ length: 30 }, (_, i) => 10 ** (i - 8));
  return powers
    .flatMap((power) => factors.map((factor) => factor * power))
    .filter((at) => at >= low && at <= high)
    .map((at) => ({
      at,
      label: METRICS[metric]
        .format(at)
        .replace(/(\.\d*?)0+ /, '$1 ')
        .replace('. ', ' '),
    }));
}

/** What the plots hold fixed. */
export const baseNote = AXIS_NAMES.map((axis) => `${axis} ${BASE[axis]}`).join(', ');
