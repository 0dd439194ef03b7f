import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { explainSystemError } from '../../runtime/files.ts';
import { drawPicture } from './draw-picture.ts';
import { SUBJECTS } from './subjects.ts';

/** What pictures to draw, and where to put them. */
export interface PicturePlan {
  readonly directory: string;
  readonly perClass: number;
  readonly size: number;
  readonly seed: number;
}

/** Picture `first` of a plan, and from there every `step`-th: what one of `step` threads draws. */
export interface Share {
  readonly first: number;
  readonly step: number;
}

/** The file of a class's picture, from 1. */
export function fileName(index: number): string {
  return `${String(index).padStart(4, '0')}.jpg`;
}

/** So many pictures may be on their way into files: the next ones are computed meanwhile. */
const UNDER_WAY = 8;

/** Draws a share of a plan into class folders that are there. @throws UserError when a file cannot be written. */
export async function drawShare(
  plan: PicturePlan,
  { first, step }: Share,
  onPicture: () => void,
): Promise<void> {
  const names = Object.keys(SUBJECTS);
  const underWay = new Set<Promise<void>>();
  for (let number = first; number < names.length * plan.perClass; number += step) {
    const name = names[Math.floor(number / plan.perClass)] ?? '';
    const index = (number % plan.perClass) + 1;
    const picture = drawPicture(name, plan.size, plan.seed, index);
    const writing = writeJpeg(join(plan.directory, name, fileName(index)), picture, plan.size);
    const ended = writing.then(onPicture).finally(() => underWay.delete(ended));
    // A failure is met by the race or by the wait for all; until then it is not an unhandled one.
    ended.catch(() => undefined);
    underWay.add(ended);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function writeJpeg(path: string, picture: Uint8Array, size: number): Promise<void> {
  const raw = { width: size, height: size, channels: 3 } as const;
  const jpeg = await sharp(picture, { raw }).jpeg({ quality: 90 }).toBuffer();
  try {
    await writeFile(path, jpeg);
  } catch (error) {
    throw explainSystemError('write', path, error);
  }
}
