/** The positive multiples of `step` on both sides of a number that is none; one where there is none below. */
export function nearestMultiples(value: number, step: number): number[] {
  const below = Math.floor(value / step) * step;
  return [below, below + step].filter((multiple) => multiple > 0);
}

export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
