import type { Random } from '../../random.ts';
import { type Box, roundHalfToEven, type Size } from '../crop.ts';
import type { ErasingSettings } from './settings.ts';

/** What a float picture is, beside its numbers: [channels, height, width]. */
export interface ImageShape extends Size {
  readonly channels: number;
}

const TRIES = 10;

/**
 * Random erasing as timm's mode `pixel`, with one rectangle: in a normalised picture [channels, height, width], a rectangle becomes
 * standard normal noise, in place. Returns the rectangle, nothing where the picture stays whole: by chance, or because
 * ten rectangles did not fit.
 */
export function eraseRandomly(
  image: Float32Array,
  shape: ImageShape,
  settings: ErasingSettings,
  random: Random,
): Box | undefined {
  if (random.uniform() >= settings.probability) return undefined;
  const box = drawBox(shape, settings, random);
  if (box === undefined) return undefined;
  for (let channel = 0; channel < shape.channels; channel++) {
    for (let y = box.top; y < box.top + box.height; y++) {
      const row = (channel * shape.height + y) * shape.width + box.left;
      random.fillNormal(image.subarray(row, row + box.width));
    }
  }
  return box;
}

/** A share of the area, uniform; an aspect ratio, log-uniform; a place, uniform. It is narrower and lower than the picture. */
function drawBox({ height, width }: Size, settings: ErasingSettings, random: Random): Box | undefined {
  const logLow = Math.log(settings.aspect[0]);
  const logHigh = Math.log(settings.aspect[1]);
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * random.uniform(...settings.area);
    const aspect = Math.exp(random.uniform(logLow, logHigh));
    const boxHeight = roundHalfToEven(Math.sqrt(area * aspect));
    const boxWidth = roundHalfToEven(Math.sqrt(area / aspect));
    if (boxHeight >= height || boxWidth >= width) continue;
    const top = random.integer(height - boxHeight + 1);
    const left = random.integer(width - boxWidth + 1);
    return { top, left, height: boxHeight, width: boxWidth };
  }
  return undefined;
}
