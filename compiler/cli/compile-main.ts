import { CommanderError, Option } from '@commander-js/extra-typings';
import { COMPILER_VERSION } from '../version.ts';
import type { CommandIo } from './command-io.ts';
import { type CompileOptions, compileCommand } from './compile-command.ts';
import { formatNames } from './formats/formats.ts';
import { type LoadGenerator, loadGenerator } from './generate-models.ts';
import { newCommand } from './new-command.ts';
import { reportError } from './report-error.ts';
import { parseWarnAsError, withExplicitWarnings } from './warn-as-error.ts';
import { watchCommand } from './watch-command.ts';

const EXAMPLES = `
Examples:
  mae-compile spec/ --out generated          every model of a folder
  mae-compile spec/vit-tiny.mae              one file, into ./generated
  mae-compile spec/ --check                  whether generated/ is up to date; writes nothing
  mae-compile spec/ --locked                 refuse what would change a model's weights or io
  mae-compile spec/ --watch                  compile again whenever a spec changes, until ctrl-C
  mae-compile spec/ --fix --no-emit          put right what can be put right, generate nothing
  mae-compile spec/ --set vit-huge.mask=60% --set mae-pretrain.epochs=100 --out runs/trial
  mae-compile spec/ --no-emit --warn-as-error --format sarif > specs.sarif

For each model: typed TensorFlow.js classes (model.ts), a trainer (pretrain.ts), both also as JavaScript,
what was compiled (spec.json), and ONNX files (onnx/): encoder, masked autoencoder, training steps.

--set changes a key as if it were written last in the model or recipe; values that are left out stay as
they were. --format json and sarif print one document to stdout and nothing else there; github prints
annotations. docs/command-line.md says more.

Exit codes: 0 fine, 1 the specs are wrong or cannot be compiled, 2 the command line is wrong.`;

function compileProgram(io: CommandIo) {
  return newCommand('mae-compile', io)
    .description('Compiles .mae specs of masked autoencoders.')
    .version(COMPILER_VERSION)
    .argument('<spec...>', '.mae files, or folders of them')
    .option('-o, --out <folder>', 'where the models are written, a folder each', 'generated')
    .option('--set <name.key=value>', 'set a key of a model or a recipe; may be repeated', collect)
    .addOption(
      new Option('--format <format>', 'how diagnostics are printed')
        .choices(formatNames)
        .default('text' as const),
    )
    .option(
      '--warn-as-error [codes]',
      'treat warnings, or those with these codes, as errors',
      parseWarnAsError,
    )
    .option('--no-emit', 'check the specs only; generate nothing')
    .addOption(
      new Option('--fix', 'apply the fixes that diagnostics suggest to the files').conflicts('check'),
    )
    .option('--force', 'generate every model, even where nothing has changed')
    .option('--check', 'write nothing; exit with 1 if a generated text file is missing or out of date')
    .option('--locked', 'fail if an existing model would change in weights or io; see docs/diff.md')
    .addOption(
      new Option('-w, --watch', 'compile again what changes, until ctrl-C').conflicts([
        'check',
        'fix',
        'locked',
      ]),
    )
    .option('-q, --quiet', 'print nothing but diagnostics')
    .addHelpText('after', EXAMPLES);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/**
 * Runs `mae-compile` with the arguments that follow its name; resolves to the exit code. `--watch` ends when `interrupted`
 * resolves.
 */
export async function compileMain(
  argv: readonly string[],
  io: CommandIo,
  load: LoadGenerator = loadGenerator,
  interrupted: () => AbortSignal = ctrlC,
): Promise<number> {
  const program = compileProgram(io);
  try {
    program.parse(withExplicitWarnings(argv), { from: 'user' });
    const [paths] = program.processedArgs;
    const { warnAsError, watch, set = [], ...rest } = program.opts();
    const options: CompileOptions = { ...rest, set, warnAsError: warnAsError === true ? 'all' : warnAsError };
    if (watch !== true) return await compileCommand(paths, options, io, load);
    if (options.format === 'json' || options.format === 'sarif') {
      program.error(`error: --watch prints text or github, not one ${options.format} document`);
    }
    return await watchCommand(paths, options, io, load, interrupted());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    reportError(error, io);
    return 1;
  }
}

/** Aborted by ctrl-C, or when the process is asked to end. */
function ctrlC(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
