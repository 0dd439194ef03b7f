/** A pair of positive numbers: a size, and what was measured or counted there. */
export type Measure = readonly [size: number, amount: number];

/** How an amount grows with a size, as the exponent of a power: 1 is linear, 2 quadratic. */
export interface Exponents {
  /** Of the power that fits all points best: least squares of the logarithms. */
  readonly overall: number;
  /** Between the two largest sizes, where what does not grow counts least. */
  readonly atTheEnd: number;
}

/** Exponents of at least two measures, in ascending order of their sizes. */
export function exponents(measures: readonly Measure[]): Exponents {
  const logs = measures.map(([size, amount]) => [Math.log(size), Math.log(amount)] as const);
  return { overall: slope(logs), atTheEnd: slope(logs.slice(-2)) };
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([a]) => a), mean(([, b]) => b)];
  return mean(([a, b]) => (a - x) * (b - y)) / mean(([a]) => (a - x) ** 2);
}

/** So much may an exponent lie above what it should be: the measures are of a machine that does other things, too. */
const TOLERANCE = 0.15;

/** Whether something grows faster than it should, where sizes are largest. */
export function isWorse(measured: Exponents, expected: Exponents): boolean {
  return measured.atTheEnd > expected.atTheEnd + TOLERANCE;
}
