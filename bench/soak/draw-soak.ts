import { roundTicks, shortNumber } from '../../runtime/view/ticks.ts';
import { drawingOf, drawPanel, label, type Point } from '../draw/panel.ts';
import { median } from '../median.ts';
import type { SoakStep } from './verdict.ts';

const WIDTH = 860;
const PLOT = { left: 64, width: 772, height: 190 };
const TOPS = [116, 366] as const;
/** A median over so many steps is drawn over the single steps. */
const WINDOW = 21;
/** More steps than this are thinned out. */
const DRAWN = 800;

/** Resident memory and the time of a step over a run, as SVG; up to two lines of notes stand below the title. */
export function drawSoak(steps: readonly SoakStep[], title: string, notes: readonly string[]): string {
  const minutes = (point: (step: SoakStep) => number): Point[] =>
    steps.map((step) => [step.time / 60, point(step)]);
  const memory = minutes(({ bytes }) => bytes / 1e6);
  const seconds = minutes((step) => step.seconds);
  const end = (steps.at(-1)?.time ?? 0) / 60;
  const plots = [
    { heading: 'resident memory, MB', points: memory, curves: [] as const },
    { heading: 'seconds a step, and the median of 21', points: seconds, curves: [smoothed(seconds)] },
  ];
  const parts = plots.flatMap(({ heading, points, curves }, row) => {
    const top = TOPS[row] ?? 0;
    const high = 1.05 * highest(points);
    return [
      label(heading, PLOT.left, top - 12, { kind: 'heading' }),
      ...drawPanel({
        ...PLOT,
        top,
        scale: 'linear',
        x: { range: [0, end], ticks: ticks(end, 8) },
        y: { range: [0, high], ticks: ticks(high, 5) },
        curves: [
          { points: thinned(points), kind: curves.length > 0 ? 'faint' : 'measured' },
          ...curves.map((curve) => ({ points: thinned(curve), kind: 'measured' as const })),
        ],
      }),
    ];
  });
  return drawingOf(WIDTH, 606, [title, ...notes].join('. '), [
    label(title, PLOT.left, 34, { kind: 'title' }),
    ...notes.map((note, line) => label(note, PLOT.left, 56 + 18 * line, { kind: 'note' })),
    ...parts,
    label('minutes', PLOT.left + PLOT.width, 592, { kind: 'note', anchor: 'end' }),
  ]);
}

const ticks = (end: number, wanted: number) =>
  roundTicks(0, end, wanted).map((at) => ({ at, label: shortNumber(at) }));

function highest(points: readonly Point[]): number {
  return points.reduce((high, [, y]) => Math.max(high, y), 0);
}

function smoothed(points: readonly Point[]): Point[] {
  return points.map(([x], i) => {
    const around = points.slice(Math.max(0, i - (WINDOW >> 1)), i + (WINDOW >> 1) + 1);
    return [x, median(around.map(([, y]) => y))];
  });
}

function thinned(points: readonly Point[]): Point[] {
  const step = Math.max(1, Math.ceil(points.length / DRAWN));
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}
