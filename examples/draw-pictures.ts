#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CommandIo, processIo } from '../runtime/cli/command-io.ts';
import { EXIT } from '../runtime/cli/exit-codes.ts';
import { parseCount, parseNonNegativeInteger } from '../runtime/cli/parse-values.ts';
import { newCommand, runCommandLine } from '../runtime/cli/run-command-line.ts';
import { runView } from '../runtime/train/run-view.ts';
import { drawPictureSet } from './pictures-generator/draw-picture-set.ts';
import { SUBJECTS } from './pictures-generator/subjects.ts';

/** The command that draws the picture set of the first run. */
export function drawPicturesCommand(io: CommandIo) {
  const classes = Object.keys(SUBJECTS);
  return newCommand('draw-pictures', io)
    .description(`Draws a set of pictures to train on: ${classes.join(', ')}, each in a folder of its own.`)
    .option('--out <folder>', 'where the class folders go', 'examples/pictures')
    .option('--per-class <count>', 'pictures of each class', parseCount, 200)
    .option('--size <pixels>', 'height and width', parseCount, 96)
    .option('--seed <number>', 'another seed gives other pictures', parseNonNegativeInteger, 1)
    .addHelpText(
      'after',
      '\nA set that is there already is not drawn again.\n\nExamples:\n  draw-pictures\n  draw-pictures --out /tmp/pictures --per-class 50 --size 64 --seed 7',
    )
    .action(async ({ out, perClass, size, seed }) => {
      const view = runView(io.stderr);
      const started = performance.now();
      const onProgress = (done: number, total: number) =>
        view.progress(`drawing pictures  ${done} of ${total}`);
      const drawn = await drawPictureSet({ directory: out, perClass, size, seed, onProgress }).finally(() =>
        view.close(),
      );
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const total = perClass * classes.length;
      io.stdout.write(
        drawn === 0
          ? `${out} holds these ${total} pictures already\n`
          : `${out}  ${drawn} pictures of ${classes.length} classes, ${size}x${size}, in ${seconds} s\n`,
      );
    });
}

/** Runs the command; resolves to the exit code. */
export function runDrawPictures(argv: readonly string[], io: CommandIo): Promise<number> {
  return runCommandLine(drawPicturesCommand(io), argv, io, () => EXIT.fine);
}

const startedAs = process.argv[1];
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runDrawPictures(process.argv.slice(2), processIo());
}
