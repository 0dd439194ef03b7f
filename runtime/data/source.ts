import { createHash } from 'node:crypto';
import { epochOrder } from './order.ts';
import type { Pixels } from './resize.ts';

/** Pixels that need no decoding, the channels of a pixel side by side: bytes, or numbers where a byte's 255 would be 1. */
export type RawPixels = Pixels | FloatPixels;

export interface FloatPixels {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** A picture as its source has it: the path of an encoded file, the bytes of one, or pixels. */
export type PictureContent = string | Uint8Array | RawPixels;

/** Which part of the data is meant. */
export type Split = 'train' | 'validation' | 'all';

/**
 * Pictures, labelled or not, wherever they are kept. Opening a source reads names and labels; pictures are read one by one, in any
 * order, several at a time. A source holds no files open and need not be closed.
 */
export interface PictureSource {
  /** The kind of data in words, such as "folder of pictures". */
  readonly kind: string;
  /** Where it is, for messages: the path that the user gave, or a part of it. */
  readonly location: string;
  readonly count: number;
  /** Names of the classes, a label being a place in this list; undefined when the pictures are not, or not all, labelled. */
  readonly classes: readonly string[] | undefined;
  /** Why there are no classes, as the end of a sentence that begins with the location; undefined when there are. */
  readonly unlabelled: string | undefined;
  /** Whether `read` gives encoded pictures (grey or colour, as is asked for) or pixels of some number of channels. */
  readonly content: 'encoded' | 'raw';
  /** 48 bits of a hash of the names, and of the labels where the names do not hold them. */
  readonly identity: number;
  /** A name within the source, such as "cats/1.jpg". */
  name(index: number): string;
  /** Where a picture is, for messages. */
  locate(index: number): string;
  label(index: number): number | undefined;
  /** Rejects when the picture cannot be read. */
  read(index: number): Promise<PictureContent>;
  /** The order of an epoch: each of 0..count-1 once, a function of the seed and the epoch alone. */
  order(seed: number, epoch: number): Int32Array;
}

/** What a kind of source is made of; the rest of `PictureSource` follows. */
export interface SourceParts {
  readonly kind: string;
  readonly location: string;
  readonly names: readonly string[];
  readonly labels: Labels;
  readonly content: PictureSource['content'];
  readonly read: (index: number) => Promise<PictureContent>;
  readonly locate: (index: number) => string;
  /** What else tells this data from other data; labels, for one, that do not follow from the names. */
  readonly identifiedBy?: string;
  /** The order of an epoch; any order is as good as another if left out. */
  readonly order?: PictureSource['order'];
}

/** The labels of all pictures, or why there are none. */
export type Labels =
  | { readonly classes: readonly string[]; readonly of: Int32Array }
  | { readonly classes?: undefined; readonly missing: string };

export function makeSource(parts: SourceParts): PictureSource {
  const { kind, location, names, labels, content, read, locate } = parts;
  const of = labels.classes === undefined ? undefined : labels.of;
  return {
    kind,
    location,
    count: names.length,
    classes: labels.classes,
    unlabelled: labels.classes === undefined ? labels.missing : undefined,
    content,
    identity: hash48(names.join('\n') + (parts.identifiedBy ?? '')),
    name: (index) => names[index] ?? '',
    locate,
    label: (index) => of?.[index],
    read,
    order: parts.order ?? ((seed, epoch) => epochOrder(names.length, seed, epoch)),
  };
}

/** The first 48 bits, which a number holds exactly, of the SHA-256 of a text. */
export function hash48(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}

/** The labels of these pictures; -1 for those that have none. */
export function labelsOf(source: PictureSource, indices: readonly number[]): Int32Array {
  return Int32Array.from(indices, (index) => source.label(index) ?? -1);
}

/** How many pictures each class has. */
export function classCounts(source: PictureSource): number[] {
  const counts = new Array<number>(source.classes?.length ?? 0).fill(0);
  for (let index = 0; index < source.count; index++) {
    const label = source.label(index);
    if (label !== undefined) counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}
