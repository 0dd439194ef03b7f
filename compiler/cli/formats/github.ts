import type { Diagnostic } from '../../language/diagnostic.ts';
import { overrideFile } from '../../language/overrides.ts';
import type { CommandIo } from '../command-io.ts';
import { messageAndHelp, type Report, rangeOf } from './report.ts';
import { printFixed, printTally } from './text.ts';

/** Workflow commands of GitHub Actions on stdout, which become annotations of the lines. */
export function printGithub(report: Report, io: CommandIo): void {
  printFixed(report, io);
  for (const diagnostic of report.diagnostics) io.stdout.write(`${workflowCommand(diagnostic, report)}\n`);
  printTally(report, io);
}

function workflowCommand(diagnostic: Diagnostic, { sources }: Report): string {
  const { severity, code, span } = diagnostic;
  const { start, end } = rangeOf(span, sources);
  const isOnOneLine = start.line === end.line;
  const place =
    span.file === overrideFile
      ? []
      : [
          `file=${property(span.file)}`,
          `line=${start.line}`,
          `col=${start.column}`,
          isOnOneLine ? `endColumn=${end.column}` : `endLine=${end.line}`,
        ];
  const properties = [...place, `title=${property(code)}`].join(',');
  return `::${severity} ${properties}::${data(messageAndHelp(diagnostic, '\n'))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
