import { basename } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { field } from '../train/summary.ts';
import { CHECKPOINT_VALUES, type CheckpointValues, VALUE_NAMES } from '../weights/checkpoint-values.ts';

/** `--values`, of every command that reads weights. `context` is what it depends on: "with --from: ". */
export function valuesOption(context = '') {
  return new Option(
    '--values <which>',
    `${context}which weights of a checkpoint: the running means of its parameters (ema), or the parameters (default: ema where it has them)`,
  ).choices(CHECKPOINT_VALUES);
}

/** The line that says which weights of a file were taken. */
export function valuesLine(path: string, values: CheckpointValues): string {
  return field('weights', `${basename(path)}: ${VALUE_NAMES[values]}`);
}
