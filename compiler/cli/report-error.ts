import { colorsFor } from './colors.ts';
import type { CommandIo } from './command-io.ts';
import { SourceError } from './system-errors.ts';

/**
 * Tells the user of an error: one of theirs with its help; any other as a fault of the compiler, with its stack only if the
 * environment has MAE_DEBUG.
 */
export function reportError(error: unknown, { stderr }: CommandIo): void {
  const { red, cyan } = colorsFor(stderr);
  const isForUser = error instanceof SourceError;
  const message = error instanceof Error ? error.message : String(error);
  const fault = 'this is a fault of the compiler: set MAE_DEBUG=1 to see where it happened';
  stderr.write(`${red('error')}  ${isForUser ? message : `internal error: ${message}`}\n`);
  stderr.write(`${cyan('help')}   ${isForUser ? error.help : fault}\n`);
  if (process.env.MAE_DEBUG && error instanceof Error) stderr.write(`${error.stack}\n`);
}
