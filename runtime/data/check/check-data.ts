import { evenlySpread } from '../pictures.ts';
import type { Pixels } from '../resize.ts';
import { classCounts, type PictureSource } from '../source.ts';
import { DuplicateSearch, type Duplicates } from './duplicates.ts';
import { inspectPicture, TRAITS, type WholePicture } from './inspect.ts';

/** The smallest, the middle and the largest of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What a split holds. Everything but `corrupt` and `classes` is of the pictures that decode. */
export interface SplitReport {
  readonly split: string;
  readonly kind: string;
  readonly location: string;
  readonly pictures: number;
  readonly corrupt: readonly { readonly path: string; readonly reason: string }[];
  /** How many pictures each class has; undefined when there are no labels. */
  readonly classes: readonly { readonly name: string; readonly pictures: number }[] | undefined;
  /** Why there are no labels. */
  readonly unlabelled: string | undefined;
  readonly width: Spread | undefined;
  readonly height: Spread | undefined;
  /** Width over height. */
  readonly aspect: Spread | undefined;
  readonly formats: Readonly<Record<string, number>>;
  readonly traits: Readonly<Record<string, number>>;
}

export interface DataReport {
  readonly path: string;
  readonly splits: readonly SplitReport[];
  readonly duplicates: Duplicates;
}

/** A picture for the contact sheet. */
export interface SamplePicture {
  readonly label: number | undefined;
  readonly name: string;
  readonly thumbnail: Pixels;
}

export interface CheckOptions {
  readonly path: string;
  readonly splits: readonly { readonly name: string; readonly source: PictureSource }[];
  /** How many pictures of each class, or in all without classes, are given back of the first split. */
  readonly samples?: { readonly perClass: number; readonly classes: number; readonly unlabelled: number };
  readonly onProgress?: (done: number, total: number, corrupt: number) => void;
}

/** Pictures that are read at a time. */
const AT_ONCE = 8;

/** Decodes every picture of some splits. */
export async function checkData(
  options: CheckOptions,
): Promise<{ readonly report: DataReport; readonly samples: readonly SamplePicture[] }> {
  const { path, splits, samples, onProgress } = options;
  const total = splits.reduce((sum, { source }) => sum + source.count, 0);
  const duplicates = new DuplicateSearch();
  const kept: SamplePicture[] = [];
  const reports: SplitReport[] = [];
  let done = 0;
  let corrupt = 0;
  for (const [place, { name, source }] of splits.entries()) {
    const wanted = place === 0 && samples !== undefined ? sampleIndices(source, samples) : new Set<number>();
    const tally = new SplitTally(source);
    await eachPicture(source, (index, picture) => {
      if ('reason' in picture) corrupt++;
      else {
        duplicates.add(picture.hash, { split: name, path: source.locate(index), label: source.label(index) });
        if (wanted.has(index)) {
          const { thumbnail } = picture;
          kept.push({ label: source.label(index), name: source.name(index), thumbnail });
        }
      }
      tally.add(index, picture);
      onProgress?.(++done, total, corrupt);
    });
    reports.push(tally.report(name));
  }
  return { report: { path, splits: reports, duplicates: duplicates.found() }, samples: kept };
}

/** Inspects all pictures, several at a time, and tells of them in their order. */
async function eachPicture(
  source: PictureSource,
  tell: (index: number, picture: Awaited<ReturnType<typeof inspectPicture>>) => void,
): Promise<void> {
  const ahead: ReturnType<typeof inspectPicture>[] = [];
  for (let index = 0; index < source.count; index++) {
    while (ahead.length < AT_ONCE && index + ahead.length < source.count) {
      ahead.push(inspectPicture(source, index + ahead.length));
    }
    const picture = await ahead.shift();
    if (picture !== undefined) tell(index, picture);
  }
}

function sampleIndices(
  source: PictureSource,
  { perClass, classes, unlabelled }: NonNullable<CheckOptions['samples']>,
): Set<number> {
  if (source.classes === undefined) return new Set(evenlySpread(source.count, unlabelled));
  const members = source.classes.slice(0, classes).map((): number[] => []);
  for (let index = 0; index < source.count; index++) members[source.label(index) ?? -1]?.push(index);
  return new Set(
    members.flatMap((indices) => evenlySpread(indices.length, perClass).map((place) => indices[place] ?? 0)),
  );
}

class SplitTally {
  readonly #source: PictureSource;
  readonly #corrupt: { path: string; reason: string }[] = [];
  readonly #widths: number[] = [];
  readonly #heights: number[] = [];
  readonly #formats = new Map<string, number>();
  readonly #traits = new Map<string, number>();

  constructor(source: PictureSource) {
    this.#source = source;
  }

  add(index: number, picture: WholePicture | { readonly reason: string }): void {
    if ('reason' in picture) {
      this.#corrupt.push({ path: this.#source.locate(index), reason: picture.reason });
      return;
    }
    this.#widths.push(picture.width);
    this.#heights.push(picture.height);
    count(this.#formats, picture.format);
    for (const trait of picture.traits) count(this.#traits, trait);
  }

  report(split: string): SplitReport {
    const { kind, location, count: pictures, classes, unlabelled } = this.#source;
    const counts = classCounts(this.#source);
    const aspects = this.#widths.map((width, i) => width / (this.#heights[i] ?? 1));
    return {
      split,
      kind,
      location,
      pictures,
      corrupt: this.#corrupt,
      classes: classes?.map((name, label) => ({ name, pictures: counts[label] ?? 0 })),
      unlabelled,
      width: spreadOf(this.#widths),
      height: spreadOf(this.#heights),
      aspect: spreadOf(aspects),
      formats: Object.fromEntries([...this.#formats].sort((a, b) => b[1] - a[1])),
      traits: Object.fromEntries(
        TRAITS.flatMap((trait) => {
          const having = this.#traits.get(trait);
          return having === undefined ? [] : [[trait, having]];
        }),
      ),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The median is the lower of two middle ones. */
function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = Float64Array.from(values).sort();
  const [min, max] = [sorted[0], sorted.at(-1)];
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (min === undefined || median === undefined || max === undefined) return undefined;
  return { min, median, max };
}
