import { type Command, Option } from '@commander-js/extra-typings';
import { ENGINE_KINDS } from '../engine/open-engine.ts';
import type { RecipeOverrides } from '../train/recipe.ts';
import type { GroupName } from '../weights/transfer/groups.ts';
import type { TransferOptions } from '../weights/transfer.ts';
import { defined } from './defined.ts';
import { deviceOption } from './device-option.ts';
import {
  parseCount,
  parseInterval,
  parseNonNegativeInteger,
  parseNonNegativeNumber,
  parsePositiveNumber,
  parseReadingThreads,
  parseThreads,
} from './parse-values.ts';
import { valuesOption } from './values-option.ts';

/** The options that every training has, as a command and as a generated trainer. */
export function withTrainingOptions(command: Command) {
  return command
    .requiredOption(
      '--data <path>',
      'pictures: a folder, tar shards, Parquet, CIFAR-10, a CSV list; see docs/data.md (required)',
    )
    .option('--out <dir>', 'folder of the run: checkpoint, log, report (default: below runs/)')
    .addOption(
      new Option('--engine <name>', 'what computes the steps').choices(ENGINE_KINDS).default('onnx' as const),
    )
    .addOption(deviceOption())
    .option('--epochs <number>', 'epochs to train', parsePositiveNumber)
    .option('--batch <number>', 'pictures per optimizer step', parseCount)
    .option(
      '--accumulation <number>',
      'micro-batches that make one step: more of them need less memory',
      parseCount,
    )
    .option(
      '--lr <number>',
      'base learning rate, per as many pictures as the recipe says',
      parsePositiveNumber,
    )
    .option('--warmup <epochs>', 'epochs of linear warm-up', parseNonNegativeNumber)
    .option(
      '--seed <number>',
      'seed of initial weights, order and all that is random',
      parseNonNegativeInteger,
    )
    .addOption(
      new Option('--resume', 'go on with the run in the output folder, as if it had never stopped').conflicts(
        ['overwrite', 'from'],
      ),
    )
    .option('--overwrite', 'replace the run in the output folder')
    .option('--force', 'with --resume: go on although the pictures are others than the run began with')
    .option(
      '--from <weights>',
      "start from the weights in this file: a checkpoint, safetensors or .pth, with official, timm's or Hugging Face's names",
    )
    .addOption(valuesOption('with --from: '))
    .addOption(
      new Option('--positions <way>', 'with --from: what becomes of positions of another grid')
        .choices(['interpolate', 'recompute'] as const)
        .default('interpolate' as const),
    )
    .addOption(
      new Option('--channels <way>', 'with --from: how to adapt to other input channels')
        .choices(['refuse', 'sum', 'repeat'] as const)
        .default('refuse' as const),
    )
    .addOption(
      new Option('--reinitialize <part...>', 'with --from: parts that are drawn anew').choices([
        'decoder',
        'head',
      ] as const),
    )
    .option(
      '--save-every <interval>',
      'save after so many epochs (5) or minutes (10m); 0: only at the end (default: 10m)',
      parseInterval,
    )
    .option(
      '--draw-every <interval>',
      'draw after so many epochs (5) or minutes (10m); 0: only at the end (default: 20 times in all)',
      parseInterval,
    )
    .option('--steps <number>', 'stop, with a checkpoint, after so many steps: for a trial', parseCount)
    .option('--threads <number>', 'threads of the onnx engine (default: one per core)', parseThreads)
    .option(
      '--reading-threads <number>',
      'threads that read pictures beside the training; 0: none (default: one per core)',
      parseReadingThreads,
    )
    .option('--quiet', 'say nothing but warnings and errors');
}

export type TrainingValues = ReturnType<ReturnType<typeof withTrainingOptions>['opts']>;

/** What the options change of the recipe. */
export function overridesOf({
  epochs,
  batch,
  lr,
  warmup,
  accumulation,
  seed,
}: TrainingValues): RecipeOverrides {
  return defined({ epochs, batch, baseLearningRate: lr, warmup, accumulation, seed });
}

/** How weights of another shape are carried into the model. */
export function transferOf({ positions, channels, reinitialize = [] }: TrainingValues): TransferOptions {
  return { positions, channels, reinitialize: reinitialize.flatMap((part) => PARTS[part]) };
}

/** The groups of parameters that a part of a model is. */
const PARTS = {
  decoder: ['decoder', 'decoder positions', 'prediction'],
  head: ['pooling norm', 'head'],
} as const satisfies Record<string, readonly GroupName[]>;

/** How the run is cut short, and what happens while it goes on. */
export function limitsOf({ saveEvery, drawEvery, steps, readingThreads }: TrainingValues) {
  return defined({ saveEvery, drawEvery, maxSteps: steps, readingThreads });
}
