import type { Random } from '../../random.ts';
import type { Box, Size } from '../crop.ts';
import type { ImageShape } from './random-erasing.ts';
import type { MixingSettings } from './settings.ts';

/** How a batch is mixed with itself in reverse order. */
export interface Mixing {
  /** What an image's own target counts; that of the other counts 1 - share. */
  readonly share: number;
  /** CutMix: where the other image shows. Without it images are blended by `share`. */
  readonly box?: Box;
}

const UNMIXED: Mixing = { share: 1 };

/**
 * Mixes a batch in place, all of it in one way, as timm's `Mixup` in mode `batch`: image and target i with image and target n-1-i.
 * `images` is [n, channels, height, width], `targets` [n, classes]; n follows from `shape`. The middle one of an odd batch is mixed
 * with itself, which leaves it as it is but for rounding. Returns how it was mixed.
 */
export function mixBatch(
  images: Float32Array,
  shape: ImageShape,
  targets: Float32Array,
  settings: MixingSettings,
  random: Random,
): Mixing {
  const mixing = drawMixing(settings, shape, random);
  const count = images.length / (shape.channels * shape.height * shape.width);
  mixImages(images, shape, mixing);
  blendReversed(targets, targets.length / count, mixing.share);
  return mixing;
}

/** Draws how a batch of images of a size is mixed. */
export function drawMixing(settings: MixingSettings, image: Size, random: Random): Mixing {
  const { mixup, cutmix, probability, switching } = settings;
  if ((mixup === 0 && cutmix === 0) || random.uniform() >= probability) return UNMIXED;
  const cut = cutmix > 0 && (mixup === 0 || random.uniform() < switching);
  if (!cut) return { share: random.beta(mixup, mixup) };
  const box = drawCut(image, random.beta(cutmix, cutmix), random);
  // The box is of whole pixels and cut at the image's edges: what counts is the area that it has in the end.
  return { share: 1 - (box.height * box.width) / (image.height * image.width), box };
}

/** A box of about 1 - share of the area in the image's proportions, its centre anywhere in the image, cut at the edges. */
function drawCut(image: Size, share: number, random: Random): Box {
  const scale = Math.sqrt(1 - share);
  const [top, bottom] = drawInterval(image.height, scale, random);
  const [left, right] = drawInterval(image.width, scale, random);
  return { top, left, height: bottom - top, width: right - left };
}

/**
 * Half of the length on either side of a centre, each half rounded down: that is timm 0.3.2, which the official fine-tuning asks for.
 * Later versions give an odd length its last pixel.
 */
function drawInterval(size: number, scale: number, random: Random): [number, number] {
  const half = Math.floor(Math.trunc(size * scale) / 2);
  const centre = random.integer(size);
  return [Math.max(0, centre - half), Math.min(size, centre + half)];
}

/** Mixes the images alone, in place. */
export function mixImages(images: Float32Array, shape: ImageShape, { share, box }: Mixing): void {
  const length = shape.channels * shape.height * shape.width;
  if (box === undefined) blendReversed(images, length, share);
  else exchangeBox(images, shape, box);
}

/** Row i of [n, length] becomes share * row i + (1 - share) * row n-1-i, in place; each product and sum rounded to float32. */
export function blendReversed(rows: Float32Array, length: number, share: number): void {
  if (share === 1) return;
  const own = Math.fround(share);
  const others = Math.fround(1 - share);
  const count = rows.length / length;
  for (let row = 0; row < Math.ceil(count / 2); row++) {
    const first = row * length;
    const second = (count - 1 - row) * length;
    for (let i = 0; i < length; i++) {
      const a = rows[first + i] ?? 0;
      const b = rows[second + i] ?? 0;
      rows[first + i] = Math.fround(a * own) + Math.fround(b * others);
      rows[second + i] = Math.fround(b * own) + Math.fround(a * others);
    }
  }
}

/** Images i and n-1-i swap what they show in the box, in place. */
function exchangeBox(images: Float32Array, shape: ImageShape, box: Box): void {
  const planes = images.length / (shape.height * shape.width);
  const count = planes / shape.channels;
  for (let image = 0; image < Math.floor(count / 2); image++) {
    for (let channel = 0; channel < shape.channels; channel++) {
      for (let y = box.top; y < box.top + box.height; y++) {
        const offset = (channel * shape.height + y) * shape.width + box.left;
        const length = shape.channels * shape.height * shape.width;
        const first = images.subarray(image * length + offset, image * length + offset + box.width);
        const partner = (count - 1 - image) * length + offset;
        const second = images.subarray(partner, partner + box.width);
        const kept = first.slice();
        first.set(second);
        second.set(kept);
      }
    }
  }
}
