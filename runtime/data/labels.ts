import { UserError } from '../user-error.ts';
import { classCounts, type Labels, type PictureSource } from './source.ts';

/** More numbered classes than any data set has: a label above is a mistake. */
const MOST_CLASSES = 1_000_000;

/** How many names are listed before "and 12 more". */
const LISTED = 5;

export interface LabelTexts {
  /** The label of each picture as it is written, undefined where there is none. */
  readonly texts: readonly (string | undefined)[];
  /** The classes, if they are listed somewhere: a label is one of these names, or a place in the list. */
  readonly listed?: { readonly classes: readonly string[]; readonly where: string } | undefined;
  /** Where a picture's label is written, for messages. */
  readonly where: (index: number) => string;
}

/**
 * Labels from how they are written. Without a list of classes, whole numbers stand for themselves and make the classes "0", "1", … up to
 * the largest; other texts make the classes that occur, sorted. What is wrong with labels is no error until labels are needed.
 */
export function labelsFromTexts({ texts, listed, where }: LabelTexts): Labels {
  const without = texts.indexOf(undefined);
  if (texts.every((text) => text === undefined)) return { missing: 'has no labels' };
  if (without >= 0) {
    const count = texts.filter((text) => text === undefined).length;
    return { missing: `has ${count} of ${texts.length} pictures without a label, first ${where(without)}` };
  }
  const written = texts.map((text) => text ?? '');
  if (listed !== undefined) return placesIn(listed, written, where);
  const numbers = written.every((text) => /^[+-]?\d+$/.test(text.trim()));
  return numbers ? numbered(written, where) : named(written);
}

function numbered(texts: readonly string[], where: LabelTexts['where']): Labels {
  const of = new Int32Array(texts.length);
  let largest = 0;
  for (const [index, text] of texts.entries()) {
    const label = Number(text);
    if (label < 0 || label >= MOST_CLASSES) {
      return {
        missing: `has the label ${text.trim()} (${where(index)}); class numbers go from 0 to ${MOST_CLASSES - 1}`,
      };
    }
    of[index] = label;
    largest = Math.max(largest, label);
  }
  return { classes: Array.from({ length: largest + 1 }, (_, label) => String(label)), of };
}

function named(texts: readonly string[]): Labels {
  const classes = [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(classes.map((name, place) => [name, place]));
  return { classes, of: Int32Array.from(texts, (text) => places.get(text) ?? 0) };
}

function placesIn(
  { classes, where: list }: NonNullable<LabelTexts['listed']>,
  texts: readonly string[],
  where: LabelTexts['where'],
): Labels {
  const places = new Map(classes.map((name, place) => [name, place]));
  const of = new Int32Array(texts.length);
  for (const [index, text] of texts.entries()) {
    const number = /^\d+$/.test(text.trim()) ? Number(text) : -1;
    const place = places.get(text) ?? (number < classes.length ? number : -1);
    if (place < 0) {
      const known = /^[+-]?\d+$/.test(text.trim())
        ? `which has ${classes.length}, numbered from 0`
        : `which are ${enumerate(classes)}`;
      return { missing: `has the label ${text.trim()} (${where(index)}) that is not in ${list}, ${known}` };
    }
    of[index] = place;
  }
  return { classes, of };
}

/** A few names and how many there are besides. */
export function enumerate(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ');
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown;
}

/** A source that has classes. */
export type LabelledSource = PictureSource & { readonly classes: readonly string[] };

function hasClasses(source: PictureSource): source is LabelledSource {
  return source.classes !== undefined;
}

/**
 * The source, if a classifier can be measured on it.
 *
 * @throws UserError when pictures have no labels, or labels that do not fit the classes.
 */
export function labelled(source: PictureSource): LabelledSource {
  if (hasClasses(source)) return source;
  throw new UserError(
    `${source.location} ${source.unlabelled ?? 'has no labels'}`,
    'pictures get labels from class folders (cats/1.jpg), a CSV file, tar shards or Parquet files; mae check-data shows what is there',
  );
}

/**
 * The source, if a classifier can be trained on it.
 *
 * @throws UserError when it is not labelled, has one class only, or a class without pictures.
 */
export function labelledForTraining(source: PictureSource): LabelledSource {
  const checked = labelled(source);
  const { classes, location } = checked;
  if (classes.length < 2) {
    throw new UserError(
      `${location} has one class only, ${classes.join()}`,
      'a classifier needs pictures of two classes or more: one folder for each, side by side',
    );
  }
  const counts = classCounts(source);
  const empty = classes.filter((_, label) => counts[label] === 0);
  if (empty.length > 0) {
    const which = empty.length === 1 ? 'a class' : `${empty.length} classes`;
    throw new UserError(
      `${location} has ${which} without pictures: ${enumerate(empty)}`,
      'add pictures of it, or take the class away',
    );
  }
  return checked;
}

/**
 * What is different between the classes of two sources, as the end of a sentence that begins with the first's location; undefined
 * when labels mean the same in both.
 */
export function classDifference(first: PictureSource, second: PictureSource): string | undefined {
  if (first.classes === undefined) return first.unlabelled;
  if (second.classes === undefined) return `has classes, but ${second.location} ${second.unlabelled}`;
  const [own, other] = [new Set(first.classes), new Set(second.classes)];
  const onlyFirst = first.classes.filter((name) => !other.has(name));
  const onlySecond = second.classes.filter((name) => !own.has(name));
  const parts = [
    ...(onlyFirst.length > 0 ? [`only the former has ${enumerate(onlyFirst)}`] : []),
    ...(onlySecond.length > 0 ? [`only the latter has ${enumerate(onlySecond)}`] : []),
  ];
  if (parts.length > 0) return `and ${second.location} have different classes: ${parts.join('; ')}`;
  const same = first.classes.every((name, label) => name === second.classes?.[label]);
  return same ? undefined : `and ${second.location} number the same classes differently`;
}
