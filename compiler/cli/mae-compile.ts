#!/usr/bin/env node
import { Command, CommanderError } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { COMPILER_VERSION } from '../version.ts';
import { compileCommand } from './compile-command.ts';
import { SourceError } from './source-files.ts';

const EXAMPLES = `
Examples:
  mae-compile spec/ --out generated          every model of a folder
  mae-compile spec/vit-tiny.mae              one file, into ./generated
  mae-compile spec/ --out generated --check  whether generated/ is up to date; writes nothing

For each model: typed TensorFlow.js classes (model.ts), a trainer (pretrain.ts), both also as JavaScript, what was compiled
(spec.json), and ONNX files (onnx/): encoder, masked autoencoder, training steps.

Exit codes: 0 fine, 1 the specs are wrong or cannot be compiled, 2 the command line is wrong.`;

const program = new Command('mae-compile')
  .description('Compiles .mae specs of masked autoencoders.')
  .version(COMPILER_VERSION)
  .argument('<spec...>', '.mae files, or folders of them')
  .option('-o, --out <folder>', 'where the models are written, a folder each', 'generated')
  .option('--check', 'write nothing; exit with 1 if a generated text file is missing or out of date')
  .option('-q, --quiet', 'print nothing but diagnostics')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(add --help for the options and examples)')
  .exitOverride();

try {
  program.parse();
  process.exitCode = compileCommand(program.processedArgs[0], program.opts());
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SourceError) {
    process.stderr.write(`${pc.red('error')}  ${error.message}\n${pc.cyan('help')}   ${error.help}\n`);
    return 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${pc.red('error')}  internal error: ${message}\n`);
  process.stderr.write(
    `${pc.cyan('help')}   this is a fault of the compiler: set MAE_DEBUG=1 to see where it happened\n`,
  );
  if (process.env.MAE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
