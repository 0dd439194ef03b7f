import { type Command, Option } from '@commander-js/extra-typings';
import { ENGINE_KINDS } from '../engine/open-engine.ts';
import {
  parseCount,
  parseInterval,
  parseNonNegativeInteger,
  parseNonNegativeNumber,
  parsePositiveNumber,
  parseThreads,
} from './parse-values.ts';

/** The options of a pretraining run, the same for `mae pretrain` and for a generated trainer. */
export function withPretrainOptions(command: Command) {
  return command
    .requiredOption('--data <dir>', 'folder of pictures, flat or in class folders of any depth (required)')
    .option('--out <dir>', 'folder of the run: checkpoint, log, drawings (default: runs/<model>)')
    .addOption(
      new Option('--engine <name>', 'what computes the steps').choices(ENGINE_KINDS).default('onnx' as const),
    )
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
    .option('--seed <number>', 'seed of initial weights, order, crops and masks', parseNonNegativeInteger)
    .addOption(
      new Option('--resume', 'go on with the run in the output folder, as if it had never stopped').conflicts(
        ['overwrite', 'from'],
      ),
    )
    .option('--overwrite', 'replace the run in the output folder')
    .option('--from <checkpoint>', 'start a new run from the weights in this file')
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
    .option('--quiet', 'say nothing but warnings and errors');
}

export type PretrainValues = ReturnType<ReturnType<typeof withPretrainOptions>['opts']>;

/** The end of the help, for a command line that begins with `start`. */
export function pretrainHelp(start: string): string {
  return `
Examples:
  ${start} --data pictures
  ${start} --data pictures --epochs 50 --warmup 2 --batch 64 --out runs/trial
  ${start} --data pictures --steps 20   # how fast is it here?
  ${start} --data pictures --resume     # go on where it stopped
  ${start} --data more --from runs/first/checkpoint.safetensors --out runs/second

What is left out is as the model's recipe says. Ctrl-C stops after the step under way and saves;
the same command with --resume then goes on and gives the same bits as if it had never stopped.

The output folder holds checkpoint.safetensors (weights under their official names, optimizer state),
log.jsonl (one JSON object per step and per epoch), reconstruction.png and loss.png.

Exit codes: 0 fine, 1 failed, 2 wrong command line, 130 stopped by ctrl-C.`;
}
