import type { CompiledModel } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import type { Augment, Placement, Size } from './crop.ts';
import {
  type DecodeFormat,
  decodeBox,
  decodedSize,
  decodeWhole,
  decodeWindow,
  type EncodedPicture,
  readPictureSize,
  withChannels,
} from './decode.ts';
import type { Presentation } from './examples.ts';
import { normalizationTable } from './normalize.ts';
import { type AugmentationStreams, eraseFrom, presentInto, presentPlacedInto } from './present.ts';
import type { Pixels } from './resize.ts';
import { resizeFloatInto } from './resize-float.ts';
import type { FloatPixels, PictureContent, RawPixels } from './source.ts';

/** Decoded pictures of at most so many pixels are worth keeping: they are decoded whole. Of larger ones only the crop is decoded. */
const LARGEST_WHOLE = 1 << 17;

/** Crops of at most so many pixels are resized here, larger ones by libvips, which is faster for these, but not Pillow to the bit. */
const LARGEST_OWN = 1 << 19;

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

/** What examples are made for, as plain data that another thread can be told. */
export interface ExampleMakerOptions {
  readonly image: CompiledModel['image'];
  /** The crops that will be asked for; without them whole pictures. */
  readonly augment: Augment | undefined;
  /** What the pictures have when they are decoded: grey, or red, green, blue. */
  readonly channels: 1 | 3;
}

/** What is learned of a picture while an example is made of it, and need not be learned again. */
export interface PictureFindings {
  /** The whole decoded picture, where it is small enough to be kept and is not what was given. */
  readonly pixels?: RawPixels;
  /** Its upright size, where that was read. */
  readonly size?: Size;
}

/** That a crop cannot be decoded; others of the picture perhaps can, for a damaged JPEG is decoded down to its damage. */
export class DamagedPart extends Error {}

/** Reads a file, at once or not. */
export type FileReader = (path: string) => Uint8Array | Promise<Uint8Array>;

const isBytes = (pixels: Pixels | FloatPixels): pixels is Pixels => pixels.data instanceof Uint8Array;

/** Makes a model's inputs of pictures. What it makes depends on the picture, the options and the presentation alone. */
export class ExampleMaker {
  readonly #image: CompiledModel['image'];
  readonly #format: DecodeFormat;
  readonly #table: Float32Array;
  readonly #readFile: FileReader;

  constructor({ image, augment, channels }: ExampleMakerOptions, readFile: FileReader) {
    this.#image = image;
    this.#format = { channels, shorterSide: shorterSideKept(image, augment) };
    this.#table = normalizationTable(image);
    this.#readFile = readFile;
  }

  /**
   * Makes an example of a picture in `target`, [channels, height, width], normalised. `size` is what was found before to be the picture's
   * size. Rejects when the picture cannot be decoded.
   */
  async make(
    content: PictureContent,
    size: Size | undefined,
    presentation: Presentation,
    target: Float32Array,
  ): Promise<PictureFindings> {
    if (typeof content === 'string' || content instanceof Uint8Array)
      return this.#makeOfEncoded(content, size, presentation, target);
    const pixels = await withChannels(content, this.#image.channels);
    this.#present(pixels, presentation.place(pixels), presentation, target);
    return pixels === content ? {} : { pixels };
  }

  async #makeOfEncoded(
    picture: EncodedPicture,
    known: Size | undefined,
    presentation: Presentation,
    target: Float32Array,
  ): Promise<PictureFindings> {
    const bytes = typeof picture === 'string' ? await this.#readFile(picture) : picture;
    const size = known ?? (await readPictureSize(bytes));
    const { height, width } = decodedSize(size, this.#format);
    if (height * width > LARGEST_WHOLE) {
      await this.#makeOfCrop(bytes, size, presentation, target);
      return known ? {} : { size };
    }
    const pixels = await decodeWhole(bytes, size, this.#format);
    this.#present(pixels, presentation.place(pixels), presentation, target);
    return { pixels, ...(known ? {} : { size }) };
  }

  /** Makes an example of a large picture, of which no more is decoded than its crop. @throws DamagedPart */
  async #makeOfCrop(
    bytes: Uint8Array,
    size: Size,
    presentation: Presentation,
    target: Float32Array,
  ): Promise<void> {
    const placement = presentation.place(size);
    const { source, flip } = placement;
    if (source.height * source.width <= LARGEST_OWN) {
      const pixels = await partOf(decodeBox(bytes, source, this.#format));
      const all = { ...source, top: 0, left: 0 };
      this.#present(pixels, { ...placement, source: all }, presentation, target);
      return;
    }
    const { augmentation = {}, streams = NO_STREAMS } = presentation;
    const pixels = await partOf(decodeWindow(bytes, placement, this.#format));
    presentPlacedInto(pixels, flip, augmentation, streams(), this.#table, target);
  }

  #present(
    pixels: RawPixels,
    placement: Placement,
    { augmentation = {}, streams = NO_STREAMS }: Presentation,
    target: Float32Array,
  ): void {
    if (isBytes(pixels)) {
      presentInto(pixels, { ...augmentation, placement }, streams(), this.#table, target);
    } else {
      resizeFloatInto(pixels, placement, this.#image, target);
      eraseFrom(target, this.#image, augmentation, streams());
    }
  }
}

async function partOf(decoding: Promise<Pixels>): Promise<Pixels> {
  try {
    return await decoding;
  } catch (error) {
    throw new DamagedPart(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The shorter side at which the smallest crop keeps enough detail in both directions. */
function shorterSideKept(image: Size, augment: Augment | undefined): number {
  const share = augment?.crop[0] ?? 1;
  const [narrowest, widest] = augment?.aspect ?? [1, 1];
  const forWidth = image.width / Math.sqrt(share * narrowest);
  const forHeight = image.height / Math.sqrt(share / widest);
  return Math.ceil(KEPT_DETAIL * Math.max(forWidth, forHeight));
}
