import { join } from 'node:path';
import { classDifference } from '../labels.ts';
import type { PictureSource } from '../source.ts';
import { withClasses, withoutLabels } from '../source-parts.ts';
import { bestNameFor } from '../split.ts';
import type { OpenedData, Place, SourceKind } from './source-kind.ts';

/** A folder with train/ and val/ (or valid/, validation/, test/) in it, each of whatever kind. */
export const splitFoldersKind: SourceKind = {
  name: 'train and validation folders',
  recognises: (place) => splitFolders(place) !== undefined,
  async open(place, { openAt }) {
    const names = splitFolders(place);
    if (names === undefined) throw new TypeError(`${place.path} has no split folders`);
    const [train, validation] = [
      await openAt(join(place.path, names.train)),
      await openAt(join(place.path, names.validation)),
    ];
    return ofSameClasses(train.train, validation.train);
  },
};

function splitFolders(place: Place): { train: string; validation: string } | undefined {
  if (place.type !== 'folder') return undefined;
  const folders = place.entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const [train, validation] = [bestNameFor('train', folders), bestNameFor('validation', folders)];
  return train === undefined || validation === undefined ? undefined : { train, validation };
}

/** Both splits, whose labels count only if they have the same classes; numbers without names may end earlier in one of them. */
export function ofSameClasses(train: PictureSource, validation: PictureSource): Required<OpenedData> {
  const longer = longerNumbering(train.classes, validation.classes);
  if (longer !== undefined) {
    return { train: withClasses(train, longer), validation: withClasses(validation, longer) };
  }
  const difference = classDifference(train, validation);
  if (difference === undefined) return { train, validation };
  return {
    train: withoutLabels(train, difference),
    validation: withoutLabels(validation, classDifference(validation, train) ?? difference),
  };
}

function longerNumbering(
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
): readonly string[] | undefined {
  if (first === undefined || second === undefined) return undefined;
  const longer = first.length >= second.length ? first : second;
  return longer.every((name, label) => name === String(label)) && isNumbering(first) && isNumbering(second)
    ? longer
    : undefined;
}

const isNumbering = (classes: readonly string[]): boolean =>
  classes.every((name, label) => name === String(label));
