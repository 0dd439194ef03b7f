import type { Size } from '../crop.ts';
import {
  DamagedPart,
  ExampleMaker,
  type ExampleMakerOptions,
  type FileReader,
  type PictureFindings,
} from '../example-maker.ts';
import { type ExamplePlan, presentationOf } from '../examples.ts';
import type { PictureContent } from '../source.ts';
import { whyUnreadable } from '../unreadable.ts';

/** A batch to be made, as plain data that another thread can be told. */
export interface BatchTask {
  readonly making: ExampleMakerOptions;
  readonly plan: ExamplePlan;
  readonly pictures: readonly TaskPicture[];
  /** Whether decoded pictures are worth returning. */
  readonly returnsPixels: boolean;
}

export interface TaskPicture {
  /** The number that its random numbers are drawn by. */
  readonly example: number;
  /** Undefined for one that could not be read: its place stays empty. */
  readonly content: PictureContent | undefined;
  /** Its size, if that is known. */
  readonly size?: Size;
}

export interface MadeBatch {
  /** [pictures.length, channels, height, width], normalised; zeros where a picture failed. */
  readonly images: Float32Array<ArrayBuffer>;
  /** What was learned of pictures. */
  readonly findings: readonly (PictureFindings & { readonly place: number })[];
  readonly failed: readonly FailedPicture[];
}

/** A picture that could not be decoded. */
export interface FailedPicture {
  readonly place: number;
  readonly reason: string;
  /** Whether nothing at all can be had of it, rather than this crop. */
  readonly entirely: boolean;
}

/** How a batch is made. */
export interface MakingMeans {
  readonly readFile: FileReader;
  /** Pictures that are worked on at a time. */
  readonly atOnce: number;
  /** Asked before each picture; true leaves it and the others out. */
  readonly isCancelled?: () => boolean;
}

/** Makes a batch in this thread. What it makes depends on the task alone. */
export async function makeBatch(
  { making, plan, pictures, returnsPixels }: BatchTask,
  { readFile, atOnce, isCancelled = () => false }: MakingMeans,
): Promise<MadeBatch> {
  const { channels, height, width } = making.image;
  const numbers = channels * height * width;
  const images = new Float32Array(pictures.length * numbers);
  const findings: (PictureFindings & { place: number })[] = [];
  const failed: FailedPicture[] = [];
  const maker = new ExampleMaker(making, readFile);
  await inTurns(pictures.length, atOnce, async (place) => {
    const picture = pictures[place];
    if (picture?.content === undefined || isCancelled()) return;
    const { content, example, size } = picture;
    const target = images.subarray(place * numbers, (place + 1) * numbers);
    try {
      const presentation = presentationOf(plan, example, making.image);
      const { pixels, ...found } = await maker.make(content, size, presentation, target);
      const finding = { ...found, ...(returnsPixels && pixels ? { pixels } : {}) };
      if (Object.keys(finding).length > 0) findings.push({ place, ...finding });
    } catch (error) {
      failed.push({ place, reason: whyUnreadable(error), entirely: !(error instanceof DamagedPart) });
    }
  });
  return { images, findings, failed };
}

/** Calls a function with 0..count-1, in this order, while at most `atOnce` calls have not ended. */
async function inTurns(count: number, atOnce: number, call: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}
