import { join } from 'node:path';
import { writeFileAtomically } from '../../runtime/files.ts';
import { fileName } from '../pictures-generator/draw-share.ts';
import type { PictureCounts } from './plan.ts';

/** Paths of two CSV files in the form of docs/data.md. */
export interface PictureLists {
  /** Pictures without labels, to pretrain on. */
  readonly unlabelled: string;
  /** Few of the same with their labels, and others to test on. */
  readonly labelled: string;
}

/** Writes the lists beside the picture set, the folder `pictures` in `directory`. @throws UserError when it cannot. */
export async function writePictureLists(
  directory: string,
  classes: readonly string[],
  counts: PictureCounts,
): Promise<PictureLists> {
  const lists = {
    unlabelled: join(directory, 'unlabelled.csv'),
    labelled: join(directory, 'labelled.csv'),
  };
  await writeFileAtomically(lists.unlabelled, unlabelledList(classes, counts));
  await writeFileAtomically(lists.labelled, labelledList(classes, counts));
  return lists;
}

/** The first pictures of each class, by nothing but their names. */
export function unlabelledList(classes: readonly string[], { pretraining }: PictureCounts): string {
  const rows = classes.flatMap((name) => numbers(1, pretraining).map((number) => pathOf(name, number)));
  return csv(['path', ...rows]);
}

/** The first of those, this time with their class, and behind them those that pretraining did not see. */
export function labelledList(
  classes: readonly string[],
  { pretraining, labelled, test }: PictureCounts,
): string {
  const rows = classes.flatMap((name) => [
    ...numbers(1, labelled).map((number) => `${pathOf(name, number)},${name},train`),
    ...numbers(pretraining + 1, test).map((number) => `${pathOf(name, number)},${name},val`),
  ]);
  return csv(['path,label,split', ...rows]);
}

const pathOf = (name: string, number: number): string => `pictures/${name}/${fileName(number)}`;

const numbers = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

const csv = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
