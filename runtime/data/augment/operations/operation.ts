import { roundHalfToEven } from '../../crop.ts';
import type { Pixels } from '../../resize.ts';

/** The byte of each channel that shows where a moved picture leaves room. */
export type Fill = readonly number[];

/** One of RandAugment's changes of a picture. None writes to the pixels that it is given. */
export interface Operation {
  readonly name: string;
  /** Which set has it: the one of increasing severities or the other; both without it. */
  readonly increasing?: boolean;
  /** What `apply` is told at a level of 0..10; the sign picks one of two directions, where there are two. */
  readonly levelToArgument: (level: number, sign: 1 | -1) => number;
  /** The changed picture. Operations that need nothing but the picture ignore the argument. */
  readonly apply: (pixels: Pixels, argument: number, fill: Fill) => Pixels;
}

/** For operations that are the same at every level. */
export const NO_ARGUMENT = (): number => 0;

/** The colour that normalises to about 0, the mean of the data set: what the official fine-tuning fills with. */
export function fillOfMean(mean: readonly number[]): Fill {
  return mean.map((share) => Math.min(255, roundHalfToEven(255 * share)));
}
