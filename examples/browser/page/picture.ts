import { centreCrop } from '../../../runtime/data/crop.ts';
import { type Pixels, resizeInto } from '../../../runtime/data/resize.ts';
import { UserError } from '../../../runtime/user-error.ts';
import { drawPicture } from '../../pictures-generator/draw-picture.ts';
import { SUBJECTS } from '../../pictures-generator/subjects.ts';
import { normalization, spec } from '../model/compiled.ts';
import { drawingOf } from './element.ts';

/** A picture to look at and to train on. */
export interface Picture {
  readonly name: string;
  readonly origin: 'sample' | 'file';
  /** Red, green and blue, somewhat larger than the model's pictures, so that crops can be taken. */
  readonly pixels: Pixels;
  /** What the model is given of it: the middle, normalised, [channels, height, width]. */
  readonly image: Float32Array;
}

/** Shorter side of a picture that is kept, in pixels: crops of half of its area still have the model's 64. */
const KEPT_SIDE = 128;
const SAMPLE_SIDE = 96;
/** The pictures of the training have seed 1. */
const SAMPLE_SEED = 2;

/** What there are samples of. */
export const SAMPLE_NAMES: readonly string[] = Object.keys(SUBJECTS);

/** A picture of a subject, always the same for the same number. */
export function samplePicture(name: string, number: number): Picture {
  const data = drawPicture(name, SAMPLE_SIDE, SAMPLE_SEED, number);
  return pictureOf(name, 'sample', { height: SAMPLE_SIDE, width: SAMPLE_SIDE, channels: 3, data });
}

/** Reads a file in any format that the browser knows. @throws UserError when it knows it not. */
export async function readPicture(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new UserError(
      `${file.name} is no picture that this browser can read`,
      'JPEG, PNG, WebP and AVIF pictures can be read nearly everywhere',
      { cause },
    );
  });
  const scale = Math.min(1, KEPT_SIDE / Math.min(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const drawing = drawingOf(new OffscreenCanvas(width, height));
  drawing.imageSmoothingQuality = 'high';
  // Under what is transparent, as the readers of training pictures have it.
  drawing.fillStyle = 'white';
  drawing.fillRect(0, 0, width, height);
  drawing.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data: rgba } = drawing.getImageData(0, 0, width, height);
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0,
  );
  return pictureOf(file.name, 'file', { height, width, channels: 3, data });
}

function pictureOf(name: string, origin: Picture['origin'], pixels: Pixels): Picture {
  const { image } = spec.model;
  const normalised = new Float32Array(image.channels * image.height * image.width);
  resizeInto(pixels, centreCrop(pixels, image), normalization, normalised);
  return { name, origin, pixels, image: normalised };
}
