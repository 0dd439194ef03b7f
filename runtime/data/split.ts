import { Random } from '../random.ts';
import { UserError } from '../user-error.ts';
import type { PictureSource } from './source.ts';
import { partOf } from './source-parts.ts';

/** What the parts of a data set are called, best first where there are several of a kind. */
const NAMES = {
  train: ['train', 'training'],
  validation: ['val', 'valid', 'validation', 'dev', 'test'],
} as const;

/** Which split a name such as "train", "val" or "test" stands for. */
export function splitNamed(name: string): 'train' | 'validation' | undefined {
  const lower = name.trim().toLowerCase();
  if (NAMES.train.some((known) => known === lower)) return 'train';
  return NAMES.validation.some((known) => known === lower) ? 'validation' : undefined;
}

/** Of the names that stand for a split the one to use: test data is for validation only where there is nothing better. */
export function bestNameFor(split: 'train' | 'validation', names: readonly string[]): string | undefined {
  for (const known of NAMES[split]) {
    const found = names.find((name) => name.trim().toLowerCase() === known);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The split in a file name such as "train-00000-of-00005.parquet", as it is written there. */
export function splitWordOf(file: string): string | undefined {
  const [, word = ''] = /^([a-z]+)[-_.\d]/i.exec(file) ?? [];
  return splitNamed(word) === undefined ? undefined : word;
}

export interface SplitOptions {
  /** Share of the pictures that are for validation, from 0 (none) to below 1. */
  readonly share: number;
  readonly seed: number;
}

export interface SplitIndices {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Chooses the pictures for validation: of each class the share, rounded, but at least one where the class has two and never all of
 * them. Which ones follows from the seed and each picture's name alone; the indices ascend.
 */
export function stratifiedSplit(source: PictureSource, { share, seed }: SplitOptions): SplitIndices {
  const classes = new Map<number, number[]>();
  for (let index = 0; index < source.count; index++) {
    const label = source.label(index) ?? -1;
    const members = classes.get(label);
    if (members === undefined) classes.set(label, [index]);
    else members.push(index);
  }
  const chosen = new Set<number>();
  for (const members of share > 0 ? classes.values() : []) {
    const drawn = members.map((index) => ({
      index,
      draw: Random.from('validation split', seed, source.name(index)).uniform(),
    }));
    drawn.sort((a, b) => a.draw - b.draw || a.index - b.index);
    const wanted = Math.max(1, Math.round(share * members.length));
    for (const { index } of drawn.slice(0, Math.min(wanted, members.length - 1))) chosen.add(index);
  }
  const all = Array.from({ length: source.count }, (_, index) => index);
  return {
    train: all.filter((index) => !chosen.has(index)),
    validation: all.filter((index) => chosen.has(index)),
  };
}

/** A split of a source that came as one. @throws UserError when there is nothing for validation. */
export function drawnSplit(
  source: PictureSource,
  split: 'train' | 'validation',
  options: SplitOptions,
): PictureSource {
  if (split === 'train' && options.share === 0) return source;
  const indices = stratifiedSplit(source, options)[split];
  if (indices.length === 0) {
    throw new UserError(
      `${source.location} has no pictures for validation`,
      options.share === 0
        ? 'give it a validation split of its own (val/ beside train/), or a share to draw'
        : 'add pictures: a class needs two for one to be set aside',
    );
  }
  return partOf(source, indices, split);
}
