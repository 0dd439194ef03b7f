import { parameterCount, roughPercent } from './numbers.ts';
import type { Effect } from './report.ts';

/** "12.61 M parameters and 38% of the step's FLOPs fewer". */
export function describeEffect({ parameters, trainingFlops, trainingShare }: Effect): string {
  const count = parameterCount(Math.abs(parameters));
  const work = `${roughPercent(trainingShare)} of the step’s FLOPs`;
  if (parameters === 0) return `${work} ${direction(trainingFlops)}`;
  if (trainingFlops === 0) return `${count} ${direction(parameters)}`;
  if (Math.sign(parameters) === Math.sign(trainingFlops))
    return `${count} and ${work} ${direction(parameters)}`;
  return `${count} ${direction(parameters)}, ${work} ${direction(trainingFlops)}`;
}

function direction(difference: number): string {
  return difference > 0 ? 'more' : 'fewer';
}
