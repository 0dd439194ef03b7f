import type { Diagnostic } from '../../language/diagnostic.ts';
import { overrideFile } from '../../language/overrides.ts';
import type { CommandIo } from '../command-io.ts';
import { messageAndHelp, type Report, rangeOf } from './report.ts';
import { printFixed, printTally } from './text.ts';

/** Workflow commands of GitHub Actions on stdout, which become annotations of the lines. */
export function printGithub(report: Report, io: CommandIo): void {
  printFixed(report, io);
  for (const diagnostic of report.diagnostics) io.stdout.write(`${annotation(diagnostic, report)}\n`);
  printTally(report, io);
}

function annotation(diagnostic: Diagnostic, { sources }: Report): string {
  const { severity, code, span } = diagnostic;
  const { start, end } = rangeOf(span, sources);
  const { line, column } = start;
  const place = { file: span.file, line, column, endLine: end.line, endColumn: end.column };
  const message = messageAndHelp(diagnostic, '\n');
  return workflowCommand(severity, code, message, span.file === overrideFile ? undefined : place);
}

/** A stretch of a file; lines and columns count from 1. */
interface AnnotatedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One annotation, of a place or of the run. */
export function workflowCommand(
  level: 'error' | 'warning' | 'notice',
  title: string,
  message: string,
  at: AnnotatedPlace | undefined,
): string {
  const place =
    at === undefined
      ? []
      : [
          `file=${property(at.file)}`,
          `line=${at.line}`,
          `col=${at.column}`,
          at.line === at.endLine ? `endColumn=${at.endColumn}` : `endLine=${at.endLine}`,
        ];
  const properties = [...place, `title=${property(title)}`].join(',');
  return `::${level} ${properties}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
