import { Command } from '@commander-js/extra-typings';
import type { CommandIo } from './command-io.ts';

/** A command whose output goes through `io`, and which throws instead of ending the process. */
export function newCommand(name: string, io: CommandIo): Command {
  return new Command(name)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => helpWidth(io.stdout.columns),
      getErrHelpWidth: () => helpWidth(io.stderr.columns),
    })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)');
}

const helpWidth = (columns: number | undefined): number => Math.min(columns ?? 100, 110);
