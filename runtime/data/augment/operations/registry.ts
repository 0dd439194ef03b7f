import { ENHANCE_OPERATIONS } from './enhance.ts';
import { GEOMETRY_OPERATIONS } from './geometry.ts';
import { HISTOGRAM_OPERATIONS } from './histogram.ts';
import type { Operation } from './operation.ts';
import { TONE_OPERATIONS } from './tone.ts';

/** Every operation of RandAugment, of both sets. */
export const OPERATIONS: readonly Operation[] = [
  ...HISTOGRAM_OPERATIONS,
  ...TONE_OPERATIONS,
  ...ENHANCE_OPERATIONS,
  ...GEOMETRY_OPERATIONS,
];

const setOf = (increasing: boolean): readonly Operation[] =>
  OPERATIONS.filter((operation) => (operation.increasing ?? increasing) === increasing);

/** timm's two sets of fifteen, by whether severities increase with the level throughout (its option `inc1`). */
export const OPERATION_SETS = { increasing: setOf(true), plain: setOf(false) } as const;
