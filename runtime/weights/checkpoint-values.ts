import { UserError } from '../user-error.ts';
import type { SourceTensors } from './weight-source.ts';

/**
 * Which of a checkpoint's numbers count as its weights: the running means of the parameters that its training kept (see
 * `runtime/train/ema.ts`), or the parameters as the last step left them.
 */
export const CHECKPOINT_VALUES = ['ema', 'parameters'] as const;
export type CheckpointValues = (typeof CHECKPOINT_VALUES)[number];

/** How messages name them, behind "the". */
export const VALUE_NAMES: Readonly<Record<CheckpointValues, string>> = {
  ema: 'running means of the parameters (EMA)',
  parameters: 'parameters',
};

export interface ChosenValues {
  readonly values: CheckpointValues;
  readonly tensors: SourceTensors;
}

/**
 * A file's weights: its running means if it has any, unless something else is wanted. Parameters without a mean, such as frozen ones, are
 * taken as they are. Throws a `UserError` where running means are wanted of a file that has none.
 */
export function chooseValues(
  path: string,
  parameters: SourceTensors,
  averages: SourceTensors,
  wanted?: CheckpointValues,
): ChosenValues {
  if (wanted === 'ema' && averages.size === 0) {
    throw new UserError(
      `${path} has no running means of its parameters (EMA)`,
      'leave out --values; a training keeps them if its recipe has ema',
    );
  }
  if (wanted === 'parameters' || averages.size === 0) return { values: 'parameters', tensors: parameters };
  const tensors = [...parameters].map(
    ([name, parameter]) => [name, averages.get(name) ?? parameter] as const,
  );
  return { values: 'ema', tensors: new Map(tensors) };
}
