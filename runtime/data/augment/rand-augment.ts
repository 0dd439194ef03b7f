import type { Random } from '../../random.ts';
import type { Pixels } from '../resize.ts';
import type { Fill, Operation } from './operations/operation.ts';
import { OPERATION_SETS } from './operations/registry.ts';
import type { RandAugmentSettings } from './settings.ts';

/** An operation with what it is told. */
export interface DrawnOperation {
  readonly operation: Operation;
  readonly argument: number;
}

/**
 * Draws what happens to one picture, as timm's RandAugment does: `operations` choices with replacement, each applied with its
 * `probability`, at a normally distributed level that is cut at 0 and 10, in a direction that is a coin's. The official fine-tuning's
 * `rand-m9-mstd0.5-inc1` is magnitude 9, deviation 0.5, increasing, with timm's defaults of 2 operations and probability 0.5.
 * A skipped choice is left out.
 */
export function drawOperations(settings: RandAugmentSettings, random: Random): DrawnOperation[] {
  if (settings.magnitude === 0) return [];
  const set = settings.increasing ? OPERATION_SETS.increasing : OPERATION_SETS.plain;
  const drawn: DrawnOperation[] = [];
  for (let i = 0; i < settings.operations; i++) {
    const operation = set[random.integer(set.length)];
    if (operation === undefined || random.uniform() >= settings.probability) continue;
    const level = Math.max(0, Math.min(10, settings.magnitude + settings.deviation * random.normal()));
    const sign = random.uniform() < 0.5 ? 1 : -1;
    drawn.push({ operation, argument: operation.levelToArgument(level, sign) });
  }
  return drawn;
}

/**
 * The picture after the operations that are drawn for it, in their order; the given pixels stay as they are. `fill` has a byte for each
 * channel (`fillOfMean`).
 */
export function randAugment(
  pixels: Pixels,
  settings: RandAugmentSettings,
  fill: Fill,
  random: Random,
): Pixels {
  return drawOperations(settings, random).reduce(
    (picture, { operation, argument }) => operation.apply(picture, argument, fill),
    pixels,
  );
}
