import type { PictureSource } from '../data/source.ts';
import { UserError } from '../user-error.ts';
import type { RunningStatistics } from '../weights/checkpoint.ts';
import type { RunLength } from './run-length.ts';

/** What a checkpoint records of its data set, as numbers: how many pictures, and a hash of their names. */
export interface DataIdentity {
  readonly pictures: number;
  readonly pictureNames: number;
  readonly stepsPerEpoch: number;
}

export function dataIdentity(source: PictureSource, length: RunLength): DataIdentity {
  return { pictures: source.count, pictureNames: source.identity, stepsPerEpoch: length.stepsPerEpoch };
}

/**
 * Compares a resumed run's data with what its checkpoint records. Throws a `UserError` for other pictures, unless it is to go on all
 * the same: then a warning is returned. Another number of steps per epoch is always refused, since the checkpoint's step would
 * mean another time of the schedule.
 */
export function compareData(
  recorded: RunningStatistics,
  now: DataIdentity,
  directory: string,
  force: boolean,
): string | undefined {
  const { pictures, pictureNames, stepsPerEpoch } = recorded;
  if (stepsPerEpoch !== undefined && stepsPerEpoch !== now.stepsPerEpoch) {
    throw new UserError(
      `the run has ${pictures} pictures, ${stepsPerEpoch} steps an epoch; ${directory} has ${now.pictures} pictures, ${now.stepsPerEpoch} steps`,
      'give it the pictures that it began with, or start another run from its weights: --from CHECKPOINT --out DIR',
    );
  }
  if (pictureNames === undefined || pictureNames === now.pictureNames) return undefined;
  const differ = `${directory} does not hold the same pictures as when the run began (${pictures} then, ${now.pictures} now)`;
  if (force) return `${differ}: the run goes on, but is not the one that it would have been`;
  throw new UserError(differ, 'give it the pictures that it began with, or go on all the same: --force');
}
