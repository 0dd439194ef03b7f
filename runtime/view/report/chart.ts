import { thinned } from '../loss-series.ts';
import { shorten } from '../svg.ts';
import { roundTicks, shortNumber } from '../ticks.ts';
import type { Chart, ChartSeries, Curves } from './contents.ts';
import { type Html, html, jsonBlock } from './html.ts';

/** A long run is drawn as the outline of so many columns, at most four points each. */
const COLUMNS = 400;
/** The drawing's units: it is stretched to the room there is, and its letters are the page's, not the drawing's. */
const SIDE = 1000;

type Range = readonly [low: number, high: number];

/** The curves of a report. Values are read with the pointer or the arrow keys, see `script.ts`. */
export function curvesSection({ stepsPerEpoch, charts }: Curves): Html {
  const drawn = charts
    .map((chart) => ({ ...chart, series: chart.series.filter(({ points }) => points.length > 0) }))
    .filter(({ series }) => series.length > 0);
  if (drawn.length === 0) return html``;
  const steps = stepRange(drawn);
  return html`<section aria-labelledby="curves"><h2 id="curves">Curves</h2>
${drawn.map((chart, i) => figure(chart, steps, stepsPerEpoch, i === drawn.length - 1))}
</section>`;
}

function figure(chart: Chart, steps: Range, stepsPerEpoch: number, isLast: boolean): Html {
  const { title, unit = '', height } = chart;
  const series = chart.series.map((each) => ({ ...each, points: thinned(each.points, COLUMNS).map(shown) }));
  const range = chart.range ?? valueRange(series);
  const x = (step: number) => ((step - steps[0]) / (steps[1] - steps[0])) * 100;
  const y = (value: number) => ((value - range[0]) / (range[1] - range[0])) * 100;
  const place = ([step, value]: readonly [number, number]) => ({
    x: shorten((x(step) * SIDE) / 100),
    y: shorten(SIDE - (y(value) * SIDE) / 100),
  });
  const values = roundTicks(...range, height === 'tall' ? 7 : 2);
  const whole = roundTicks(...steps, 6).filter(Number.isInteger);
  return html`<figure class="chart">
<figcaption><h3>${title}</h3><ul>${[...series].reverse().map((each) => legendEntry(each, unit))}</ul></figcaption>
<div class="plot ${height}" tabindex="0" role="img" aria-label="${described(title, series, unit)}">
${values.map((tick) => html`<span class="value" style="bottom:${shorten(y(tick))}%">${shortNumber(tick)}${unit}</span>`)}
<svg viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none" aria-hidden="true">
${values.map((tick) => html`<path class="grid" d="M0 ${place([0, tick]).y}H${SIDE}"/>`)}
${series.map((each) => curve(each, place))}
</svg>
${series.map(({ colour }) => html`<i class="dot ${colour}" hidden></i>`)}
<div class="cursor" hidden><output></output></div>
${isLast ? whole.map((tick) => html`<span class="step" style="left:${shorten(x(tick))}%">${shortNumber(tick)}</span>`) : ''}
</div>
${isLast ? html`<p class="axis">${stepAxis(stepsPerEpoch)}</p>` : ''}
${jsonBlock({ steps, range, stepsPerEpoch, unit, title, series: series.map(({ name, points }) => ({ name, points })) })}
</figure>
`;
}

function curve(
  { points, colour, filled }: ChartSeries,
  place: (point: readonly [number, number]) => { x: string; y: string },
): Html {
  const placed = points.map(place);
  const line = placed.map(({ x, y }) => `${x},${y}`).join(' ');
  const [first, last] = [placed[0], placed.at(-1)];
  const area =
    filled && first && last
      ? html`<polygon class="${colour}" points="${first.x},${SIDE} ${line} ${last.x},${SIDE}"/>`
      : undefined;
  return html`${area}<polyline class="${colour}" points="${line}"/>`;
}

function legendEntry({ name, colour, points }: ChartSeries, unit: string): Html {
  return html`<li class="${colour}">${name} <output>${points.at(-1)?.[1]}${unit}</output></li>`;
}

/** Values are kept as they are shown: with four digits. */
function shown([step, value]: readonly [number, number]): readonly [number, number] {
  return [shownStep(step), Number(value.toPrecision(4))];
}

/** The middle of an epoch may lie between two steps. */
function shownStep(step: number): number {
  return Math.round(step * 10) / 10;
}

function described(title: string, series: readonly ChartSeries[], unit: string): string {
  const courses = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return `${name}: ${first?.[1]}${unit} at step ${first?.[0]}, ${last?.[1]}${unit} at step ${last?.[0]}`;
  });
  return `${title}. ${courses.join('; ')}`;
}

function stepAxis(stepsPerEpoch: number): string {
  return stepsPerEpoch > 0 ? `step (${shortNumber(stepsPerEpoch)} per epoch)` : 'step';
}

function stepRange(charts: readonly Chart[]): Range {
  const ends = charts.flatMap(({ series }) =>
    series.map(({ points }) => [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0] as const),
  );
  const first = Math.min(...ends.map(([start]) => start));
  const last = Math.max(...ends.map(([, end]) => end));
  const begin = first <= last / 20 ? 0 : first;
  return [begin, Math.max(last, begin + 1)];
}

function valueRange(series: readonly ChartSeries[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    for (const [, value] of points) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const margin = 0.06 * (high - low) || 0.5 * Math.abs(high) || 1;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}
