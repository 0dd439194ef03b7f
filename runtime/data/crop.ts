import type { CompiledRecipe } from '../model/compiled-spec.ts';
import type { Random } from '../random.ts';

/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A rectangle of whole pixels. */
export interface Box extends Size {
  readonly top: number;
  readonly left: number;
}

/**
 * How a picture becomes a model's input: `source` is cut out of it and stretched to the size `resized`; of that, `window` is
 * kept, mirrored left to right if `flip`.
 */
export interface Placement {
  readonly source: Box;
  readonly resized: Size;
  readonly window: Box;
  readonly flip: boolean;
}

export type Augment = Pick<CompiledRecipe['augment'], 'crop' | 'aspect' | 'flip'>;

const TRIES = 10;

/**
 * A random resized crop and flip, drawn as torchvision's `RandomResizedCrop.get_params` and `RandomHorizontalFlip` define
 * them: a share of the area, uniform in `augment.crop`; an aspect ratio, log-uniform in `augment.aspect`; a place, uniform
 * among those where the crop fits; after ten crops that do not fit, the largest central one within the aspect interval.
 */
export function randomResizedCrop(random: Random, picture: Size, image: Size, augment: Augment): Placement {
  const source = randomCrop(random, picture, augment);
  const flip = augment.flip && random.uniform() < 0.5;
  const { height, width } = image;
  return { source, resized: { height, width }, window: { top: 0, left: 0, height, width }, flip };
}

function randomCrop(random: Random, picture: Size, augment: Augment): Box {
  const logLow = Math.log(augment.aspect[0]);
  const logHigh = Math.log(augment.aspect[1]);
  for (let i = 0; i < TRIES; i++) {
    const area = picture.height * picture.width * random.uniform(...augment.crop);
    const aspect = Math.exp(random.uniform(logLow, logHigh));
    const width = roundHalfToEven(Math.sqrt(area * aspect));
    const height = roundHalfToEven(Math.sqrt(area / aspect));
    if (width > 0 && width <= picture.width && height > 0 && height <= picture.height) {
      const top = random.integer(picture.height - height + 1);
      const left = random.integer(picture.width - width + 1);
      return { top, left, height, width };
    }
  }
  return largestCentralCrop(picture, augment.aspect);
}

function largestCentralCrop(picture: Size, aspect: readonly [number, number]): Box {
  const ratio = picture.width / picture.height;
  let { height, width } = picture;
  if (ratio < aspect[0]) height = Math.min(height, roundHalfToEven(width / aspect[0]));
  else if (ratio > aspect[1]) width = Math.min(width, roundHalfToEven(height * aspect[1]));
  const top = Math.floor((picture.height - height) / 2);
  const left = Math.floor((picture.width - width) / 2);
  return { top, left, height: Math.max(height, 1), width: Math.max(width, 1) };
}

/**
 * The placement for evaluation: the picture is resized to just cover the model's image / `share`, keeping its aspect ratio,
 * and the centre is kept (torchvision's `Resize` and `CenterCrop`). The official evaluation has share 224 / 256; 1 keeps
 * as much of the picture as there is room for.
 */
export function centreCrop(picture: Size, image: Size, share = 1): Placement {
  const resized = coveringSize(picture, image, share);
  const top = roundHalfToEven((resized.height - image.height) / 2);
  const left = roundHalfToEven((resized.width - image.width) / 2);
  return {
    source: { top: 0, left: 0, height: picture.height, width: picture.width },
    resized,
    window: { top, left, height: image.height, width: image.width },
    flip: false,
  };
}

function coveringSize(picture: Size, image: Size, share: number): Size {
  if (picture.width * image.height <= picture.height * image.width) {
    const width = Math.trunc(image.width / share);
    return { height: Math.max(image.height, Math.trunc((width * picture.height) / picture.width)), width };
  }
  const height = Math.trunc(image.height / share);
  return { height, width: Math.max(image.width, Math.trunc((height * picture.width) / picture.height)) };
}

/** Python's `round`. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
