/** What a training step left in the log. */
export interface LossPoint {
  /** Optimizer steps taken by then. */
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Epochs done by then, with their fraction. */
  readonly epoch: number;
}

export type Point = readonly [x: number, y: number];

/** The points of a run that can be drawn: finite losses, in the order of the steps. */
export function drawable(points: readonly LossPoint[]): LossPoint[] {
  return points.filter(({ loss }) => Number.isFinite(loss)).sort((a, b) => a.step - b.step);
}

/** Epochs from which on their means make a smooth line. */
const ENOUGH_EPOCHS = 10;
/** Without them, the mean of this share of the run. */
const WINDOW = 1 / 40;

/** The course of the loss without the differences between batches, and what it is, in words. */
export interface SmoothSeries {
  readonly points: readonly Point[];
  readonly meaning: string;
}

/** The mean of each epoch, at its middle; in a run of few epochs a moving mean. */
export function smoothSeries(points: readonly LossPoint[]): SmoothSeries {
  const epochs = groupByEpoch(points);
  if (epochs.size >= ENOUGH_EPOCHS) {
    const means = [...epochs.values()].map((group): Point => [mean(group, 'step'), mean(group, 'loss')]);
    return { points: means, meaning: 'mean of each epoch' };
  }
  const reach = Math.round((points.length * WINDOW) / 2);
  return {
    points: movingMean(points, reach),
    meaning: reach === 0 ? 'each step' : `mean over ${2 * reach + 1} steps`,
  };
}

/** A step that ends an epoch belongs to it. */
function groupByEpoch(points: readonly LossPoint[]): Map<number, LossPoint[]> {
  const epochs = new Map<number, LossPoint[]>();
  for (const point of points) {
    const epoch = Math.ceil(point.epoch - 1e-6);
    const group = epochs.get(epoch);
    if (group === undefined) epochs.set(epoch, [point]);
    else group.push(point);
  }
  return epochs;
}

function mean(group: readonly LossPoint[], key: 'step' | 'loss'): number {
  return group.reduce((sum, point) => sum + point[key], 0) / group.length;
}

/** The mean of each point and `reach` neighbours on both sides; near the ends, of those that there are. */
function movingMean(points: readonly LossPoint[], reach: number): Point[] {
  const sums = new Float64Array(points.length + 1);
  points.forEach(({ loss }, i) => {
    sums[i + 1] = (sums[i] ?? 0) + loss;
  });
  return points.map(({ step }, i): Point => {
    const from = Math.max(0, i - reach);
    const to = Math.min(points.length, i + reach + 1);
    return [step, ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from)];
  });
}

/**
 * At most about four points for each of `columns` equal parts of the steps, first, lowest, highest and last: drawn as a line they look
 * as all points would.
 */
export function thinned(points: readonly Point[], columns: number): Point[] {
  const first = points[0]?.[0] ?? 0;
  const width = ((points.at(-1)?.[0] ?? 0) - first) / columns;
  if (points.length <= 4 * columns || width <= 0) return [...points];
  const kept: Point[] = [];
  for (let from = 0; from < points.length; ) {
    const column = Math.floor(((points[from]?.[0] ?? 0) - first) / width);
    let to = from + 1;
    while (to < points.length && Math.floor(((points[to]?.[0] ?? 0) - first) / width) === column) to++;
    kept.push(...outline(points.slice(from, to)));
    from = to;
  }
  return kept;
}

function outline(group: readonly Point[]): Point[] {
  let lowest = 0;
  let highest = 0;
  group.forEach(([, y], i) => {
    if (y < (group[lowest]?.[1] ?? 0)) lowest = i;
    if (y > (group[highest]?.[1] ?? 0)) highest = i;
  });
  const chosen = new Set([0, lowest, highest, group.length - 1]);
  return group.filter((_, i) => chosen.has(i));
}

/** An interval that shows the smooth course whole and nearly all single steps: a rare outlier may not flatten the rest. */
export function lossRange(points: readonly LossPoint[], smooth: readonly Point[]): readonly [number, number] {
  const sorted = Float64Array.from(points, ({ loss }) => loss).sort();
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const lowest = smooth.reduce((least, [, y]) => Math.min(least, y), quantile(0.002));
  const highest = smooth.reduce((most, [, y]) => Math.max(most, y), quantile(0.995));
  const margin = 0.06 * (highest - lowest) || 0.5 * Math.abs(highest) || 1;
  return [lowest >= 0 ? Math.max(0, lowest - margin) : lowest - margin, highest + margin];
}
