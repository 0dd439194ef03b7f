import { drawable, type LossPoint, lossRange, type Point, smoothSeries } from '../loss-series.ts';
import type { Chart, ChartSeries } from './contents.ts';

/** Loss and learning rate over the steps of a run of any kind; none when no step was taken. */
export function lossCharts(all: readonly LossPoint[]): Chart[] {
  const points = drawable(all);
  if (points.length === 0) return [];
  const smooth = smoothSeries(points);
  const each: ChartSeries = {
    name: 'each step',
    colour: 'pale-blue',
    points: points.map(({ step, loss }): Point => [step, loss]),
  };
  const course: ChartSeries = { name: smooth.meaning, colour: 'blue', points: smooth.points };
  const rates = points.map(({ step, learningRate }): Point => [step, learningRate]);
  const highest = rates.reduce((most, [, rate]) => Math.max(most, rate), 0) || 1;
  return [
    {
      title: 'Loss',
      height: 'tall',
      range: lossRange(points, smooth.points),
      series: smooth.meaning === each.name ? [{ ...each, colour: 'blue' }] : [each, course],
    },
    {
      title: 'Learning rate',
      height: 'low',
      range: [0, highest * 1.08],
      series: [{ name: 'each step', colour: 'amber', filled: true, points: rates }],
    },
  ];
}

/** A quantity that is measured now and then, such as the accuracy after each epoch, in percent if `unit` says so. */
export function measureChart(
  title: string,
  unit: string,
  series: readonly { readonly name: string; readonly points: readonly Point[] }[],
): Chart {
  const colours = ['green', 'blue', 'amber'] as const;
  return {
    title,
    unit,
    height: 'tall',
    series: series.map((each, i) => ({ ...each, colour: colours[i % colours.length] ?? 'green' })),
  };
}
