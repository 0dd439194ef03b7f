import { listOf } from '../words.ts';
import { type KeyEntry, trainingNames } from './key-entry.ts';

/** Where a key has a meaning, in words that go on from `only `; undefined where it always has one. */
export function useOf({ trainings, optimizers }: KeyEntry): string | undefined {
  if (trainings !== undefined) return `in ${listOf(trainings.map((training) => trainingNames[training]))}`;
  if (optimizers !== undefined) return `of the optimizer ${listOf(optimizers, 'or')}`;
  return undefined;
}
