import { renderDiagnostic } from '../../language/render.ts';
import { printable } from '../../language/words.ts';
import { colorsFor, paletteOf } from '../colors.ts';
import type { CommandIo } from '../command-io.ts';
import { count, countOf, type Report, tally } from './report.ts';

/** Nobody reads more; the rest follows from these, or waits for the next run. */
const mostPrinted = 50;

/** For people: diagnostics to stderr, each with the lines it speaks of; what was fixed to stdout. */
export function printText(report: Report, io: CommandIo): void {
  const { diagnostics, sources } = report;
  printFixed(report, io);
  const palette = paletteOf(colorsFor(io.stderr));
  const printed = mostImportant(report);
  for (const diagnostic of printed) io.stderr.write(`${renderDiagnostic(diagnostic, sources, palette)}\n\n`);
  if (printed.length < diagnostics.length) {
    const rest = diagnostics.filter((diagnostic) => !printed.includes(diagnostic));
    io.stderr.write(`and ${tally(rest)} more; --format json prints all\n`);
  }
  printTally(report, io);
}

/** One line of what was found in all. */
export function printTally({ diagnostics, consequence }: Report, io: CommandIo): void {
  if (diagnostics.length === 0) return;
  const files = new Set(diagnostics.map(({ span }) => span.file)).size;
  const end = countOf(diagnostics, 'error') > 0 ? `; ${consequence}` : '';
  io.stderr.write(`${tally(diagnostics)} in ${count(files, 'file')}${end}\n`);
}

/** A line for each fix that was applied. */
export function printFixed({ fixed }: Report, io: CommandIo): void {
  const { bold, green } = colorsFor(io.stdout);
  for (const { diagnostic } of fixed) {
    const { span, code, message, fix } = diagnostic;
    const place = bold(`${printable(span.file)}:${span.line}:${span.column}`);
    io.stdout.write(`${green('fixed')}  ${place}  ${code}  ${message}: ${fix?.title ?? ''}\n`);
  }
}

/** The first of the errors and then of the warnings, in the order in which they were found. */
function mostImportant({ diagnostics }: Report): Report['diagnostics'] {
  if (diagnostics.length <= mostPrinted) return diagnostics;
  const rank = (severity: string) => (severity === 'error' ? 0 : 1);
  const sorted = [...diagnostics].sort((a, b) => rank(a.severity) - rank(b.severity));
  const chosen = new Set(sorted.slice(0, mostPrinted));
  return diagnostics.filter((diagnostic) => chosen.has(diagnostic));
}
