import type { CommandIo } from '../command-io.ts';
import { printText } from '../formats/text.ts';
import { reportError } from '../report-error.ts';
import { WrongSpecs } from '../sides/read-side.ts';

/** Tells the user why a side cannot be read: of a spec with mistakes, these first. */
export function reportUnreadable(error: unknown, io: CommandIo): void {
  if (error instanceof WrongSpecs) {
    const { diagnostics, sources } = error;
    printText({ diagnostics, sources, models: [], fixed: [], consequence: 'nothing was compared' }, io);
  }
  reportError(error, io);
}
