#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { type CommandIo, processIo } from '../runtime/cli/command-io.ts';
import { EXIT } from '../runtime/cli/exit-codes.ts';
import { parseNonNegativeInteger } from '../runtime/cli/parse-values.ts';
import { newCommand, runCommandLine } from '../runtime/cli/run-command-line.ts';
import { writeFileAtomically } from '../runtime/files.ts';
import { resultBars } from './pretrain-helps/bars.ts';
import { compareEncoders } from './pretrain-helps/compare.ts';
import { FULL, type Plan, SHORT } from './pretrain-helps/plan.ts';
import { costLine, lostComparisons, resultsTable } from './pretrain-helps/results.ts';
import { type RunStep, runInProcesses } from './pretrain-helps/run-command.ts';

const HELP = `
Everything that it makes is below --out: the pictures, the compiled model, a folder for each run, results.svg.

Exit codes: 0 pretraining helped everywhere (with --short: everything works), 1 it did not somewhere or a
command failed, 2 wrong command line, 130 stopped by ctrl-C.`;

/** The command that shows what pretraining is worth: the same small network with and without it, on few labels. */
function pretrainHelpsCommand(io: CommandIo, run: RunStep, end: (exitCode: number) => void) {
  return newCommand('pretrain-helps', io)
    .description(
      'Pretrains a small vision transformer on pictures without labels, and compares it with one of random weights: ' +
        'fine-tuning, a linear probe and the nearest neighbours, on a few pictures with labels.',
    )
    .option('--short', 'few pictures and one epoch: whether everything works, not how well')
    .option('--out <folder>', 'where everything goes, from the project (default: runs/pretrain-helps)')
    .option('--seed <number>', 'of weights, order and crops', parseNonNegativeInteger, 0)
    .addHelpText('after', HELP)
    .action(async ({ short = false, out, seed }) => {
      const plan = short ? SHORT : FULL;
      const directory = out ?? (short ? 'runs/short/pretrain-helps' : 'runs/pretrain-helps');
      const outcome = await compareEncoders({ plan, directory, seed, run });
      const chart = join(directory, 'results.svg');
      await writeFileAtomically(chart, resultBars(outcome, 'Test pictures recognised, %', captionOf(plan)));
      const lost = lostComparisons(outcome);
      io.stdout.write(`\n${resultsTable(outcome)}\n${captionOf(plan)}. ${costLine(outcome)}\n`);
      io.stdout.write(`Look at ${pc.bold(chart)}.\n`);
      if (short)
        io.stdout.write('So few pictures tell that everything works, and nothing about pretraining.\n');
      else if (lost.length > 0)
        io.stdout.write(`${pc.red('Pretraining did not help')} in ${lost.join(', ')}.\n`);
      end(short || lost.length === 0 ? EXIT.fine : EXIT.failure);
    });
}

/** What the encoders were given. */
function captionOf({ pictures: { pretraining, labelled, test } }: Plan): string {
  return `Of each class: ${pretraining} pictures to pretrain on, ${labelled} of them with labels, ${test} more to test on`;
}

/** Runs the command, its steps by `run`; resolves to the exit code. */
export function runPretrainHelps(argv: readonly string[], io: CommandIo, run: RunStep): Promise<number> {
  let exitCode: number = EXIT.fine;
  const command = pretrainHelpsCommand(io, run, (code) => {
    exitCode = code;
  });
  return runCommandLine(command, argv, io, () => exitCode);
}

const startedAs = process.argv[1];
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) {
  // Its paths, and those of the commands that it runs, begin at the project's folder.
  process.chdir(fileURLToPath(new URL('../../', import.meta.url)));
  process.exitCode = await runPretrainHelps(process.argv.slice(2), processIo(), runInProcesses());
}
