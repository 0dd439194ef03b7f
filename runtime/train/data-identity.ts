import { createHash } from 'node:crypto';
import type { PictureFolder } from '../data/folder.ts';
import { UserError } from '../user-error.ts';
import type { RunningStatistics } from '../weights/checkpoint.ts';
import type { RunLength } from './run-length.ts';

/** What a checkpoint records of its data set, as numbers: how many pictures, and a hash of their names. */
export interface DataIdentity {
  readonly pictures: number;
  readonly pictureNames: number;
  readonly stepsPerEpoch: number;
}

export function dataIdentity(folder: PictureFolder, length: RunLength): DataIdentity {
  const hash = createHash('sha256').update(folder.paths.join('\n')).digest();
  return {
    pictures: folder.paths.length,
    // 48 bits: what a number holds exactly.
    pictureNames: hash.readUIntBE(0, 6),
    stepsPerEpoch: length.stepsPerEpoch,
  };
}

/**
 * Compares a resumed run's data with what its checkpoint records. Other pictures of about the same number give a warning; another
 * number of steps per epoch a `UserError`, since the checkpoint's step would mean another time of the schedule.
 */
export function compareData(
  recorded: RunningStatistics,
  now: DataIdentity,
  directory: string,
): string | undefined {
  const { pictures, pictureNames, stepsPerEpoch } = recorded;
  if (stepsPerEpoch !== undefined && stepsPerEpoch !== now.stepsPerEpoch) {
    throw new UserError(
      `the run has ${pictures} pictures, ${stepsPerEpoch} steps an epoch; ${directory} has ${now.pictures} pictures, ${now.stepsPerEpoch} steps`,
      'give it the pictures that it began with, or start another run from its weights: --from CHECKPOINT --out DIR',
    );
  }
  if (pictureNames === undefined || pictureNames === now.pictureNames) return undefined;
  return `${directory} does not hold the same pictures as when the run began (${pictures} then, ${now.pictures} now): it goes on, but is not the run that it would have been`;
}
