import { readFile } from 'node:fs/promises';
import type { CompiledModel } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import type { Augment } from './crop.ts';
import {
  DamagedPart,
  ExampleMaker,
  type ExampleMakerOptions,
  type PictureFindings,
} from './example-maker.ts';
import { type ExamplePlan, type Presentation, presentationOf } from './examples.ts';
import { PictureSizes } from './picture-sizes.ts';
import type { PictureContent, PictureSource, RawPixels } from './source.ts';
import { whyUnreadable } from './unreadable.ts';
import { makeInParts } from './workers/batch-parts.ts';
import { type BatchTask, type MadeBatch, makeBatch } from './workers/batch-task.ts';
import type { ReadingThreads } from './workers/reading-threads.ts';

/** A picture that cannot be decoded, and why. */
export interface SkippedPicture {
  /** Where it is, as messages say it: the path of its file, if it has one. */
  readonly path: string;
  readonly reason: string;
}

export interface PicturesOptions {
  readonly source: PictureSource;
  readonly image: CompiledModel['image'];
  /** The crops that will be asked for; without them whole pictures. */
  readonly augment?: Augment;
  /** Told of each undecodable picture once. */
  readonly onSkipped?: (skipped: SkippedPicture) => void;
  /** Bytes of decoded pictures that are kept in memory. */
  readonly cacheBytes?: number;
  /** Threads that make batches, for this thread and perhaps others' pictures too; this thread makes them if left out. */
  readonly threads?: ReadingThreads | undefined;
}

/** Pictures as inputs of a model. */
export interface ReadPictures {
  /** [indices.length, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** Which pictures of the source they are. */
  readonly indices: readonly number[];
}

export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;

/** So much memory may be taken by batches that are read while one is trained on. */
const MOST_BYTES_AHEAD = 1 << 30;

/** Pictures of a batch that this thread reads at a time: enough for those that decode pictures for it. */
const AT_ONCE = 8;

/**
 * The pictures of a source as inputs of a model. Small ones stay in memory once decoded, up to a bound, and need no decoding in
 * the next epoch. What is read depends on the pictures, the model's image and the placement alone.
 */
export class Pictures {
  readonly source: PictureSource;
  readonly image: CompiledModel['image'];
  readonly #making: ExampleMakerOptions;
  readonly #maker: ExampleMaker;
  readonly #threads: ReadingThreads | undefined;
  readonly #onSkipped: (skipped: SkippedPicture) => void;
  readonly #kept = new Map<number, RawPixels>();
  readonly #sizes: PictureSizes;
  /** Why pictures were skipped, for which the user was told. */
  readonly #skipped = new Map<number, string>();
  /** Of these, the ones that no crop can be had of. */
  readonly #broken = new Set<number>();
  #room: number;

  /** @throws UserError for encoded pictures and a model whose images are neither grey nor colour. */
  constructor({ source, image, augment, onSkipped, cacheBytes, threads }: PicturesOptions) {
    this.source = source;
    this.image = image;
    this.#making = { image, augment, channels: pictureChannels(image, source) };
    this.#maker = new ExampleMaker(this.#making, readFile);
    this.#threads = threads;
    this.#sizes = new PictureSizes(source.count);
    this.#onSkipped = onSkipped ?? (() => undefined);
    this.#room = cacheBytes ?? DEFAULT_CACHE_BYTES;
  }

  /** How many pictures there are, undecodable ones included. */
  get count(): number {
    return this.source.count;
  }

  /**
   * How many batches of so many pictures are worth reading while one is trained on. A training step blocks this thread, so every other
   * thread is to have one to begin with when it ends another; without them, pictures that were begun are decoded meanwhile, and most take two
   * turns of this thread (to read, then to decode).
   */
  batchesAhead(batch: number): number {
    const { channels, height, width } = this.image;
    const bytes = 4 * batch * channels * height * width;
    const wanted = this.#threads ? this.#threads.count + 1 : 2;
    return Math.max(1, Math.min(wanted, Math.floor(MOST_BYTES_AHEAD / bytes)));
  }

  /**
   * Makes the examples of a plan of these pictures. One that cannot be decoded is replaced by the next one that can. What is made follows from
   * the plan and the pictures alone: it is the same in any number of threads, and whatever was read before.
   *
   * @throws UserError when no picture of the source can be decoded.
   */
  async readBatch(plan: ExamplePlan, wanted: ArrayLike<number>): Promise<ReadPictures> {
    const indices = Array.from(wanted, (index) => this.#nextUnbroken(index));
    const contents = await Promise.all(indices.map((index) => this.#content(index)));
    const pictures = contents.map((content, place) => {
      const size = this.#sizes.get(indices[place] ?? 0);
      return { example: wanted[place] ?? 0, content, ...(size ? { size } : {}) };
    });
    const task = { making: this.#making, plan, pictures, returnsPixels: this.#room > 0 };
    const { images, findings, failed } = await this.#make(task);
    for (const { place, ...found } of findings) this.#note(indices[place] ?? 0, found);
    const replaced = new Set(failed.map(({ place }) => place));
    for (const { place, reason, entirely } of failed) this.#skip(indices[place] ?? 0, reason, entirely);
    const numbers = images.length / Math.max(1, pictures.length);
    for (const [place, { example, content }] of pictures.entries()) {
      if (content !== undefined && !replaced.has(place)) continue;
      const target = images.subarray(place * numbers, (place + 1) * numbers);
      indices[place] = await this.read(example, presentationOf(plan, example, this.image), target);
    }
    return { images, indices };
  }

  /**
   * Reads picture `index` into `target`, [channels, height, width], normalised, in this thread. One that cannot be decoded is replaced
   * by the next one that can. Resolves to the index of the picture that was read, whose label is the one that counts.
   *
   * @throws UserError when no picture of the source can be decoded.
   */
  async read(index: number, presentation: Presentation, target: Float32Array): Promise<number> {
    for (let step = 0; step < this.count; step++) {
      const candidate = (index + step) % this.count;
      const content = this.#broken.has(candidate) ? undefined : await this.#content(candidate);
      if (content === undefined) continue;
      try {
        const size = this.#sizes.get(candidate);
        this.#note(candidate, await this.#maker.make(content, size, presentation, target));
        return candidate;
      } catch (error) {
        this.#skip(candidate, whyUnreadable(error), !(error instanceof DamagedPart));
      }
    }
    const [reason] = this.#skipped.values();
    throw new UserError(
      `none of the ${this.count} pictures in ${this.source.location} can be decoded: ${reason}`,
      'check that the files are whole pictures, and that you may read them',
    );
  }

  #make(task: BatchTask): Promise<MadeBatch> {
    const threads = this.#threads;
    if (threads === undefined) return makeBatch(task, { readFile, atOnce: AT_ONCE });
    // Batches of a training are made side by side, which needs no copy of their images; others are waited for one by one.
    if (task.plan.kind === 'training') return threads.make(task);
    return makeInParts(task, threads.count, (part) => threads.make(part));
  }

  /** The picture itself, or the next one that is not known to be broken. */
  #nextUnbroken(index: number): number {
    for (let step = 0; step < this.count; step++) {
      const candidate = (index + step) % this.count;
      if (!this.#broken.has(candidate)) return candidate;
    }
    return index;
  }

  /** A decoded picture, if it was kept, or what the source has; undefined when that cannot be read. */
  async #content(index: number): Promise<PictureContent | undefined> {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept;
    try {
      const content = await this.source.read(index);
      const isRaw = typeof content !== 'string' && !(content instanceof Uint8Array);
      if (isRaw && content.channels === this.image.channels) this.#keep(index, content);
      return content;
    } catch (error) {
      this.#skip(index, whyUnreadable(error), true);
      return undefined;
    }
  }

  /** The first pictures stay for good: every epoch asks for each once, so none is worth more than another. */
  #keep(index: number, pixels: RawPixels): void {
    if (pixels.data.byteLength > this.#room || this.#kept.has(index)) return;
    this.#room -= pixels.data.byteLength;
    this.#kept.set(index, pixels);
  }

  #note(index: number, { pixels, size }: PictureFindings): void {
    if (size !== undefined) this.#sizes.set(index, size);
    if (pixels !== undefined) this.#keep(index, pixels);
  }

  /** `entirely` when nothing can be had of the picture: it is then not tried again. */
  #skip(index: number, reason: string, entirely: boolean): void {
    if (entirely) this.#broken.add(index);
    if (this.#skipped.has(index)) return;
    this.#skipped.set(index, reason);
    this.#onSkipped({ path: this.source.locate(index), reason });
  }
}

function pictureChannels(image: CompiledModel['image'], source: PictureSource): 1 | 3 {
  if (image.channels === 1 || image.channels === 3) return image.channels;
  // Nothing is decoded then.
  if (source.content === 'raw') return 3;
  throw new UserError(
    `the model's images have ${image.channels} channels, but picture files give 1 (grey) or 3 (red, green, blue)`,
    'give it a folder of .npy arrays with as many channels, or give the spec 1 or 3 channels',
  );
}

/**
 * Reads the centre of these pictures: [indices.length, channels, height, width], normalised. `share` is that of the shorter side that the
 * image shows, 1 for as much as fits.
 */
export function readForEvaluation(
  pictures: Pictures,
  indices: readonly number[],
  share = 1,
): Promise<ReadPictures> {
  return pictures.readBatch({ kind: 'evaluation', share }, indices);
}

/** `wanted` of the numbers 0..total-1, evenly spread, so that each class folder gives some; fewer where there are not as many. */
export function evenlySpread(total: number, wanted: number): number[] {
  const count = Math.min(total, wanted);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * total) / count));
}
