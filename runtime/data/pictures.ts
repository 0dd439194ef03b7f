import type { CompiledModel } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { UserError } from '../user-error.ts';
import { evaluationCrop } from './augment/evaluation-crop.ts';
import type { Augment, Placement, Size } from './crop.ts';
import {
  type DecodeFormat,
  decodedSize,
  decodeWhole,
  decodeWindow,
  type EncodedPicture,
  readPictureSize,
  withChannels,
} from './decode.ts';
import { normalizationTable } from './normalize.ts';
import {
  type Augmentation,
  type AugmentationStreams,
  eraseFrom,
  presentInto,
  presentPlacedInto,
} from './present.ts';
import type { Pixels } from './resize.ts';
import { resizeFloatInto } from './resize-float.ts';
import type { FloatPixels, PictureSource, RawPixels } from './source.ts';
import { whyUnreadable } from './unreadable.ts';

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
}

/** How a picture's crop follows from its size alone: asked twice, it answers the same. */
export type PlacementRule = (picture: Size) => Placement;

/** How a picture becomes an example. */
export interface Presentation {
  readonly place: PlacementRule;
  /** What is done to it besides; nothing if left out. */
  readonly augmentation?: Augmentation;
  /** The random numbers of the augmentation, from their beginning each time they are asked for. */
  readonly streams?: () => AugmentationStreams;
}

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

/** For presentations without augmentation, which ask for no random numbers. */
const NO_STREAMS = (): AugmentationStreams => {
  const none = Random.from('no augmentation');
  return { colorJitter: none, randAugment: none, erasing: none };
};

interface Decoded {
  readonly pixels: RawPixels;
  readonly placement: Placement | undefined;
}

const isBytes = (pixels: Pixels | FloatPixels): pixels is Pixels => pixels.data instanceof Uint8Array;

/**
 * The pictures of a source as inputs of a model. Small ones stay in memory once decoded, up to a bound, and need no decoding in
 * the next epoch. What is read depends on the pictures, the model's image and the placement alone.
 */
export class Pictures {
  readonly source: PictureSource;
  readonly image: CompiledModel['image'];
  readonly #format: DecodeFormat;
  readonly #table: Float32Array;
  readonly #onSkipped: (skipped: SkippedPicture) => void;
  readonly #sizes = new Map<number, Size>();
  readonly #kept = new Map<number, RawPixels>();
  readonly #broken = new Map<number, string>();
  #room: number;

  /** @throws UserError for encoded pictures and a model whose images are neither grey nor colour. */
  constructor({ source, image, augment, onSkipped, cacheBytes = DEFAULT_CACHE_BYTES }: PicturesOptions) {
    this.source = source;
    this.image = image;
    this.#format = { channels: pictureChannels(image, source), shorterSide: shorterSideKept(image, augment) };
    this.#table = normalizationTable(image);
    this.#onSkipped = onSkipped ?? (() => undefined);
    this.#room = cacheBytes;
  }

  /** How many pictures there are, undecodable ones included. */
  get count(): number {
    return this.source.count;
  }

  /**
   * Reads picture `index` into `target`, [channels, height, width], normalised. One that cannot be decoded is replaced by the next
   * one that can. Resolves to the index of the picture that was read, whose label is the one that counts.
   *
   * @throws UserError when no picture of the source can be decoded.
   */
  async read(index: number, presentation: Presentation, target: Float32Array): Promise<number> {
    for (let step = 0; step < this.count; step++) {
      const candidate = (index + step) % this.count;
      // Without a wait where nothing is to be waited for: a batch of kept pictures is then made in one go.
      const pixels = this.#kept.get(candidate);
      if (pixels !== undefined) {
        this.#present(pixels, presentation, target);
        return candidate;
      }
      if (!this.#broken.has(candidate) && (await this.#decodeInto(candidate, presentation, target)))
        return candidate;
    }
    const [reason] = this.#broken.values();
    throw new UserError(
      `none of the ${this.count} pictures in ${this.source.location} can be decoded: ${reason}`,
      'check that the files are whole pictures, and that you may read them',
    );
  }

  async #decodeInto(index: number, presentation: Presentation, target: Float32Array): Promise<boolean> {
    let decoded: Decoded;
    try {
      decoded = await this.#decode(index, presentation.place);
    } catch (error) {
      this.#skip(index, error);
      return false;
    }
    const { pixels, placement } = decoded;
    if (placement === undefined || !isBytes(pixels)) this.#present(pixels, presentation, target);
    else {
      const { augmentation = {}, streams = NO_STREAMS } = presentation;
      presentPlacedInto(pixels, placement.flip, augmentation, streams(), this.#table, target);
    }
    return true;
  }

  /** Makes the input of a whole picture. */
  #present(pixels: RawPixels, presentation: Presentation, target: Float32Array): void {
    const { augmentation = {}, streams = NO_STREAMS } = presentation;
    const placement = presentation.place(pixels);
    if (isBytes(pixels)) {
      presentInto(pixels, { ...augmentation, placement }, streams(), this.#table, target);
    } else {
      resizeFloatInto(pixels, placement, this.image, target);
      eraseFrom(target, this.image, augmentation, streams());
    }
  }

  /** The whole picture when it is small or raw, otherwise the window of it and the placement that gave it. */
  async #decode(index: number, place: PlacementRule): Promise<Decoded> {
    const content = await this.source.read(index);
    if (typeof content === 'string' || content instanceof Uint8Array) {
      return this.#decodeEncoded(index, content, place);
    }
    const pixels = await withChannels(content, this.image.channels);
    this.#keep(index, pixels);
    return { pixels, placement: undefined };
  }

  async #decodeEncoded(index: number, picture: EncodedPicture, place: PlacementRule): Promise<Decoded> {
    const size = this.#sizes.get(index) ?? (await readPictureSize(picture));
    this.#sizes.set(index, size);
    const whole = decodedSize(size, this.#format);
    if (whole.height * whole.width > LARGEST_OWN) {
      const placement = place(size);
      return { pixels: await decodeWindow(picture, placement, this.#format), placement };
    }
    const pixels = await decodeWhole(picture, size, this.#format);
    this.#keep(index, pixels);
    return { pixels, placement: undefined };
  }

  /** The first pictures stay for good: every epoch asks for each once, so none is worth more than another. */
  #keep(index: number, pixels: RawPixels): void {
    if (pixels.data.byteLength > this.#room || this.#kept.has(index)) return;
    this.#room -= pixels.data.byteLength;
    this.#kept.set(index, pixels);
  }

  #skip(index: number, error: unknown): void {
    if (this.#broken.has(index)) return;
    const reason = whyUnreadable(error);
    this.#broken.set(index, reason);
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

/** The shorter side at which the smallest crop keeps enough detail in both directions. */
function shorterSideKept(image: Size, augment: Augment | undefined): number {
  const share = augment?.crop[0] ?? 1;
  const [narrowest, widest] = augment?.aspect ?? [1, 1];
  const forWidth = image.width / Math.sqrt(share * narrowest);
  const forHeight = image.height / Math.sqrt(share / widest);
  return Math.ceil(KEPT_DETAIL * Math.max(forWidth, forHeight));
}

/**
 * Reads the centre of these pictures: [indices.length, channels, height, width], normalised. `share` is that of the shorter side that the
 * image shows, 1 for as much as fits.
 */
export async function readForEvaluation(
  pictures: Pictures,
  indices: readonly number[],
  share = 1,
): Promise<{ readonly images: Float32Array; readonly indices: readonly number[] }> {
  const { channels, height, width } = pictures.image;
  const pixels = channels * height * width;
  const images = new Float32Array(indices.length * pixels);
  const place: PlacementRule = (picture) => evaluationCrop(picture, pictures.image, share);
  const read = indices.map((index, i) =>
    pictures.read(index, { place }, images.subarray(i * pixels, (i + 1) * pixels)),
  );
  return { images, indices: await Promise.all(read) };
}

/** `wanted` of the numbers 0..total-1, evenly spread, so that each class folder gives some; fewer where there are not as many. */
export function evenlySpread(total: number, wanted: number): number[] {
  const count = Math.min(total, wanted);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * total) / count));
}
