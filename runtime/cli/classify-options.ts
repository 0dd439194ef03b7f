import { type Command, Option } from '@commander-js/extra-typings';
import type { ClassifierTraining } from '../model/trained-model.ts';
import { parseCount, parseShare } from './parse-values.ts';
import { withTrainingOptions } from './training-options.ts';

/** The options of fine-tuning and of linear probing. */
export function withClassifyOptions(command: Command) {
  return withTrainingOptions(command)
    .addOption(
      new Option('--scratch', 'start from random weights instead of those of --from').conflicts(['from']),
    )
    .option('--val <path>', 'other pictures for validation, with the same classes')
    .option(
      '--validation <share>',
      'the share of the pictures that is set aside where there are no others; 0: none (default: 0.1)',
      parseShare,
    )
    .option('--evaluate-every <epochs>', 'epochs between evaluations (default: 1)', parseCount);
}

export type ClassifyValues = ReturnType<ReturnType<typeof withClassifyOptions>['opts']>;

/**
 * A classifier on random weights is a comparison, and not what someone wants who forgot an option: ends the command as one that
 * is wrong.
 */
export function requireStart(
  { from, scratch, resume }: ClassifyValues,
  command: Pick<Command, 'error'>,
): void {
  if (from !== undefined || scratch || resume) return;
  command.error(
    'error: say which weights to start from: those of a pretrained model (--from <weights>), or random ones (--scratch)',
    { exitCode: 2 },
  );
}

/** What is said of a training that has a classifier. */
interface ClassifierHelp {
  readonly summary: string;
  readonly description: string;
}

export const CLASSIFIER_HELP: Readonly<Record<ClassifierTraining, ClassifierHelp>> = {
  finetune: {
    summary: 'train a classifier together with a pretrained encoder',
    description: 'Trains the encoder and a classifier on top of it on labelled pictures.',
  },
  'linear-probe': {
    summary: 'train a linear classifier on a frozen encoder',
    description: 'Trains a linear classifier on the encoder as it is: how much its features are worth.',
  },
};

/** The end of the help, for a command line that begins with `start`. */
export function classifyHelp(start: string): string {
  return `
Examples:
  ${start} --data pictures --from runs/vit-pico/checkpoint.safetensors
  ${start} --data pictures --from mae_pretrain_vit_base.pth --epochs 10 --out runs/trial
  ${start} --data train --val val --scratch
  ${start} --data pictures --resume     # go on where it stopped

Pictures have labels by class folders (cats/1.jpg, dogs/7.jpg), tar shards, Parquet, a CSV list: see
docs/data.md. There must be as many classes as the model was compiled for.

What is left out is as the model's recipe says. Ctrl-C stops after the step under way and saves;
the same command with --resume then goes on and gives the same bits as if it had never stopped.

The output folder holds checkpoint.safetensors and best.safetensors (of the epoch with the best
validation accuracy), log.jsonl, report.html, predictions.png, confusion.png, loss.png and, for
TensorBoard, tensorboard/.

Exit codes: 0 fine, 1 failed, 2 wrong command line, 130 stopped by ctrl-C.`;
}
