import type { Random } from '../random.ts';
import { jitterColors } from './augment/color-jitter.ts';
import type { Fill } from './augment/operations/operation.ts';
import { randAugment } from './augment/rand-augment.ts';
import { eraseRandomly } from './augment/random-erasing.ts';
import type { ErasingSettings, RandAugmentSettings } from './augment/settings.ts';
import type { Placement } from './crop.ts';
import { mirror, normalizeInto, type Pixels, resizeInto, resizePixels } from './resize.ts';

/** What happens to a picture beyond its placement. */
export interface Augmentation {
  /** Strength of the colour jitter, 0..1; 0 or left out for none. */
  readonly colorJitter?: number;
  readonly randAugment?: RandAugmentSettings & {
    /** The byte of each channel outside a moved picture: `fillOfMean` of the model's image. */
    readonly fill: Fill;
  };
  readonly erasing?: ErasingSettings;
}

/** The random numbers of one example, each purpose with a stream of its own: switching one off leaves the other as it was. */
export interface AugmentationStreams {
  readonly colorJitter: Random;
  readonly randAugment: Random;
  readonly erasing: Random;
}

/**
 * Makes a model's input [channels, height, width] of a picture in the order of the official fine-tuning: crop and resize, mirror,
 * jitter the colours, RandAugment, normalise by `table` (`normalizationTable`), erase. The result follows from the arguments and the streams' states.
 */
export function presentInto(
  pixels: Pixels,
  { placement, ...augmentation }: Augmentation & { readonly placement: Placement },
  streams: AugmentationStreams,
  table: Float32Array,
  target: Float32Array,
): void {
  if (changesBytes(augmentation)) {
    presentPlacedInto(resizePixels(pixels, placement), false, augmentation, streams, table, target);
    return;
  }
  resizeInto(pixels, placement, table, target);
  eraseFrom(target, { ...placement.window, channels: pixels.channels }, augmentation, streams);
}

/** `presentInto` of pixels that have been cropped and resized already, and are yet to be mirrored if `flip`. */
export function presentPlacedInto(
  pixels: Pixels,
  flip: boolean,
  augmentation: Augmentation,
  streams: AugmentationStreams,
  table: Float32Array,
  target: Float32Array,
): void {
  if (changesBytes(augmentation)) {
    const upright = flip ? mirror(pixels) : pixels;
    normalizeInto(changeBytes(upright, augmentation, streams), false, table, target);
  } else {
    normalizeInto(pixels, flip, table, target);
  }
  eraseFrom(target, pixels, augmentation, streams);
}

function changesBytes({ colorJitter = 0, randAugment: settings }: Augmentation): boolean {
  return colorJitter > 0 || (settings !== undefined && settings.magnitude > 0 && settings.operations > 0);
}

function changeBytes(
  pixels: Pixels,
  { colorJitter = 0, randAugment: settings }: Augmentation,
  streams: AugmentationStreams,
): Pixels {
  const jittered = jitterColors(pixels, colorJitter, streams.colorJitter);
  return settings === undefined
    ? jittered
    : randAugment(jittered, settings, settings.fill, streams.randAugment);
}

/** Replaces a rectangle of a normalised example [channels, height, width] by noise, if that is on. */
export function eraseFrom(
  target: Float32Array,
  { channels, height, width }: Omit<Pixels, 'data'>,
  { erasing }: Augmentation,
  streams: AugmentationStreams,
): void {
  if (erasing === undefined) return;
  eraseRandomly(target, { channels, height, width }, erasing, streams.erasing);
}
