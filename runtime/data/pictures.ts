import { join } from 'node:path';
import type { CompiledModel } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';
import { type Augment, centreCrop, type Placement, type Size } from './crop.ts';
import { type DecodeFormat, decodedSize, decodeWhole, decodeWindow, readPictureSize } from './decode.ts';
import type { PictureFolder } from './folder.ts';
import { normalizationTable } from './normalize.ts';
import { normalizeInto, type Pixels, resizeInto } from './resize.ts';

/** A file that cannot be decoded, and why. */
export interface SkippedPicture {
  readonly path: string;
  readonly reason: string;
}

export interface PicturesOptions {
  readonly folder: PictureFolder;
  readonly image: CompiledModel['image'];
  /** The crops that will be asked for; without them whole pictures. */
  readonly augment?: Augment;
  /** Told of each undecodable file once. */
  readonly onSkipped?: (skipped: SkippedPicture) => void;
  /** Bytes of decoded pictures that are kept in memory. */
  readonly cacheBytes?: number;
}

/** How a picture's crop follows from its size alone: asked twice, it answers the same. */
export type PlacementRule = (picture: Size) => Placement;

export const DEFAULT_CACHE_BYTES = 512 * 1024 * 1024;

/**
 * Decoded pictures of at most so many pixels are resized here; larger ones by libvips, in another thread, whose start costs
 * more than resizing a small picture does.
 */
const LARGEST_OWN = 1 << 17;

/**
 * A large picture is reduced when it is decoded, to where its smallest crop still has so many pixels per pixel of the model: a
 * photograph of 12 megapixels costs a model of 32x32 little more than a thumbnail does.
 */
const KEPT_DETAIL = 1.5;

/**
 * The pictures of a folder as inputs of a model. Small ones stay in memory once decoded, up to a bound, and need no decoding in
 * the next epoch. What is read depends on the files, the model's image and the placement alone.
 */
export class Pictures {
  readonly folder: PictureFolder;
  readonly image: CompiledModel['image'];
  readonly #format: DecodeFormat;
  readonly #table: Float32Array;
  readonly #onSkipped: (skipped: SkippedPicture) => void;
  readonly #sizes = new Map<number, Size>();
  readonly #kept = new Map<number, Pixels>();
  readonly #broken = new Map<number, string>();
  #room: number;

  /** @throws UserError for a model whose images are neither grey nor colour. */
  constructor({ folder, image, augment, onSkipped, cacheBytes = DEFAULT_CACHE_BYTES }: PicturesOptions) {
    this.folder = folder;
    this.image = image;
    this.#format = { channels: pictureChannels(image), shorterSide: shorterSideKept(image, augment) };
    this.#table = normalizationTable(image);
    this.#onSkipped = onSkipped ?? (() => undefined);
    this.#room = cacheBytes;
  }

  /** How many files there are, undecodable ones included. */
  get count(): number {
    return this.folder.paths.length;
  }

  /**
   * Reads picture `index` into `target`, [channels, height, width], normalised. A file that cannot be decoded is replaced by the next
   * one that can. Resolves to the index of the picture that was read.
   *
   * @throws UserError when no file of the folder can be decoded.
   */
  async read(index: number, place: PlacementRule, target: Float32Array): Promise<number> {
    for (let step = 0; step < this.count; step++) {
      const candidate = (index + step) % this.count;
      // Without a wait where nothing is to be waited for: a batch of kept pictures is then made in one go.
      const pixels = this.#kept.get(candidate);
      if (pixels !== undefined) {
        resizeInto(pixels, place(pixels), this.#table, target);
        return candidate;
      }
      if (!this.#broken.has(candidate) && (await this.#decodeInto(candidate, place, target)))
        return candidate;
    }
    const [reason] = this.#broken.values();
    throw new UserError(
      `none of the ${this.count} pictures in ${this.folder.directory} can be decoded: ${reason}`,
      'check that the files are whole pictures, and that you may read them',
    );
  }

  async #decodeInto(index: number, place: PlacementRule, target: Float32Array): Promise<boolean> {
    const path = join(this.folder.directory, this.folder.paths[index] ?? '');
    let decoded: { readonly pixels: Pixels; readonly placement: Placement | undefined };
    try {
      decoded = await this.#decode(index, path, place);
    } catch (error) {
      this.#skip(index, error);
      return false;
    }
    const { pixels, placement } = decoded;
    if (placement === undefined) resizeInto(pixels, place(pixels), this.#table, target);
    else normalizeInto(pixels, placement.flip, this.#table, target);
    return true;
  }

  /** The whole picture when it is small, otherwise the window of it and the placement that gave it. */
  async #decode(
    index: number,
    path: string,
    place: PlacementRule,
  ): Promise<{ pixels: Pixels; placement: Placement | undefined }> {
    const size = this.#sizes.get(index) ?? (await readPictureSize(path));
    this.#sizes.set(index, size);
    const whole = decodedSize(size, this.#format);
    if (whole.height * whole.width > LARGEST_OWN) {
      const placement = place(size);
      return { pixels: await decodeWindow(path, placement, this.#format), placement };
    }
    const pixels = await decodeWhole(path, size, this.#format);
    this.#keep(index, pixels);
    return { pixels, placement: undefined };
  }

  /** The first pictures stay for good: every epoch asks for each once, so none is worth more than another. */
  #keep(index: number, pixels: Pixels): void {
    if (pixels.data.byteLength > this.#room || this.#kept.has(index)) return;
    this.#room -= pixels.data.byteLength;
    this.#kept.set(index, pixels);
  }

  #skip(index: number, error: unknown): void {
    if (this.#broken.has(index)) return;
    const reason = reasonOf(error);
    this.#broken.set(index, reason);
    this.#onSkipped({ path: join(this.folder.directory, this.folder.paths[index] ?? ''), reason });
  }
}

/** The library's words for what is wrong with a file, in better ones where it says little. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/unsupported image format/, 'it is not a picture of a known format'],
  [/file is missing/, 'the file is missing'],
  [/^(Unknown error)?$/, 'its content is damaged'],
];

function reasonOf(error: unknown): string {
  // The library repeats itself on further lines.
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return REASONS.find(([words]) => words.test(line))?.[1] ?? line;
}

function pictureChannels(image: CompiledModel['image']): 1 | 3 {
  if (image.channels === 1 || image.channels === 3) return image.channels;
  throw new UserError(
    `the model's images have ${image.channels} channels, but picture files give 1 (grey) or 3 (red, green, blue)`,
    'train it from the program with batches of your own, or give the spec 1 or 3 channels',
  );
}

/** The shorter side at which the smallest crop keeps enough detail in both directions. */
function shorterSideKept(image: Size, augment: Augment | undefined): number {
  const share = augment?.crop[0] ?? 1;
  const [narrowest, widest] = augment?.aspect ?? [1, 1];
  const forWidth = image.width / Math.sqrt(share * narrowest);
  const forHeight = image.height / Math.sqrt(share / widest);
  return Math.ceil(KEPT_DETAIL * Math.max(forWidth, forHeight));
}

/** Reads the centre of these pictures, as much as fits the image: [indices.length, channels, height, width], normalised. */
export async function readForEvaluation(
  pictures: Pictures,
  indices: readonly number[],
): Promise<{ readonly images: Float32Array; readonly indices: readonly number[] }> {
  const { channels, height, width } = pictures.image;
  const pixels = channels * height * width;
  const images = new Float32Array(indices.length * pixels);
  const place: PlacementRule = (picture) => centreCrop(picture, pictures.image);
  const read = indices.map((index, i) =>
    pictures.read(index, place, images.subarray(i * pixels, (i + 1) * pixels)),
  );
  return { images, indices: await Promise.all(read) };
}

/** `wanted` of the numbers 0..total-1, evenly spread, so that each class folder gives some; fewer where there are not as many. */
export function evenlySpread(total: number, wanted: number): number[] {
  const count = Math.min(total, wanted);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * total) / count));
}
