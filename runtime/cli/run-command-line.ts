import { Command, CommanderError } from '@commander-js/extra-typings';
import { type Colors, colorsFor } from '../colors.ts';
import { EngineError } from '../engine/engine.ts';
import { UserError } from '../user-error.ts';
import type { CommandIo } from './command-io.ts';
import { EXIT } from './exit-codes.ts';

/** A command whose output goes through `io`, and which reports instead of ending the process. */
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

/** What parses and runs arguments: a command of whatever options. */
interface Runnable {
  parseAsync(argv: readonly string[], options: { from: 'user' }): Promise<unknown>;
}

/**
 * Runs a command and resolves to its exit code: what `exitCode` says after an action that went well, 2 for a wrong command line,
 * and for errors what they ask for. Errors for the user are printed with their help; for any other error there is a short
 * line, and its stack only if the environment has MAE_DEBUG.
 */
export async function runCommandLine(
  command: Runnable,
  argv: readonly string[],
  io: CommandIo,
  exitCode: () => number,
): Promise<number> {
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCode();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    io.stderr.write(describeError(error, colorsFor(io.stderr)));
    return error instanceof UserError ? error.exitCode : EXIT.failure;
  }
}

/** The lines that tell the user of an error. */
export function describeError(error: unknown, { red, cyan }: Colors): string {
  const forUser = error instanceof UserError || error instanceof EngineError;
  const message = error instanceof Error ? error.message : String(error);
  const lines = [`${red('error')}  ${forUser ? message : `internal error: ${message}`}`];
  const help = forUser
    ? error.help
    : 'this is a fault of the program: set MAE_DEBUG=1 to see where it happened';
  for (const line of help?.split('\n') ?? []) lines.push(`${cyan('help')}   ${line}`);
  if (process.env.MAE_DEBUG && error instanceof Error) lines.push(describeStack(error));
  return `${lines.join('\n')}\n`;
}

function describeStack(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by ${describeStack(error.cause)}` : stack;
}
