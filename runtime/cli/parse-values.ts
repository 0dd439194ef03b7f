import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { PictureSize } from '../model/picture-size.ts';
import type { Interval } from '../train/interval.ts';

/** Parsers of option values. Each throws what the command line prints with the option's name and exit code 2. */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseNumber(text: string, is: (value: number) => boolean, what: string): number {
  const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && is(value)) return value;
  throw new InvalidArgumentError(`It should be ${what}.`);
}

export const parsePositiveNumber = (text: string): number =>
  parseNumber(text, (value) => value > 0, 'a number above 0');

export const parseNonNegativeNumber = (text: string): number =>
  parseNumber(text, (value) => value >= 0, 'a number, 0 or more');

export const parseShare = (text: string): number =>
  parseNumber(text, (value) => value >= 0 && value < 1, 'a share from 0 to below 1, such as 0.1');

export const parsePositiveShare = (text: string): number =>
  parseNumber(text, (value) => value > 0 && value <= 1, 'a share above 0, up to 1, such as 0.875');

export const parseCount = (text: string): number =>
  parseNumber(text, (value) => Number.isSafeInteger(value) && value >= 1, 'a whole number above 0');

/** More threads than any machine has cores take memory and stall it. */
const MOST_THREADS = 1024;

export const parseThreads = (text: string): number =>
  parseNumber(
    text,
    (value) => Number.isSafeInteger(value) && value >= 1 && value <= MOST_THREADS,
    `a whole number from 1 to ${MOST_THREADS}`,
  );

export const parseReadingThreads = (text: string): number =>
  parseNumber(
    text,
    (value) => Number.isSafeInteger(value) && value >= 0 && value <= MOST_THREADS,
    `a whole number from 0 to ${MOST_THREADS}`,
  );

export const parseNonNegativeInteger = (text: string): number =>
  parseNumber(text, (value) => Number.isSafeInteger(value) && value >= 0, 'a whole number, 0 or more');

/** As in the language. */
const LONGEST_SIDE = 16_384;

/** "224x192" is 224 pixels high and 192 wide. */
export function parsePictureSize(text: string): PictureSize {
  const [, height, width] = text.trim().match(/^(\d+)x(\d+)$/i) ?? [];
  const what = `height x width in pixels, each from 1 to ${LONGEST_SIDE}, such as 224x224`;
  const side = (digits = ''): number =>
    parseNumber(digits, (value) => value >= 1 && value <= LONGEST_SIDE, what);
  return { height: side(height), width: side(width) };
}

/** "5" is every 5 epochs, "10m" every 10 minutes, "0" never. */
export function parseInterval(text: string): Interval {
  const minutes = text.trim().match(/^(.+?)\s*m(in(utes)?)?$/i)?.[1];
  const what = 'a number of epochs (5) or of minutes (10m); 0 for only at the end';
  if (minutes !== undefined) return { minutes: parseNumber(minutes, (value) => value >= 0, what) };
  return { epochs: parseNumber(text, (value) => Number.isSafeInteger(value) && value >= 0, what) };
}
