import type { Diagnostic } from '../../language/diagnostic.ts';
import type { SourceText } from '../../language/source-text.ts';
import type { Span } from '../../language/span.ts';
import type { CommandIo } from '../command-io.ts';

/** What a run found, to be printed in one of the formats. */
export interface Report {
  readonly diagnostics: readonly Diagnostic[];
  /** The files that were read, by name. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** The models that the specs declare, but for those of files with errors. */
  readonly models: readonly string[];
  readonly fixed: readonly Fixed[];
  /** What the errors kept from being done. */
  readonly consequence: string;
}

/** A mistake whose fix was applied, and the files as they were when it was found. */
export interface Fixed {
  readonly diagnostic: Diagnostic;
  readonly sources: ReadonlyMap<string, SourceText>;
}

/** Prints what was found. */
export type Printer = (report: Report, io: CommandIo) => void;

/** A place in a text; lines and columns count from 1, offsets from 0, both in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Where a span starts and, exclusively, ends. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export function rangeOf(span: Span, sources: Report['sources']): Range {
  const { line, column, start, end } = span;
  const last = sources.get(span.file)?.span(end, end) ?? span;
  return {
    start: { line, column, offset: start },
    end: { line: last.line, column: last.column, offset: end },
  };
}

export function countOf(diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number {
  return diagnostics.reduce((sum, each) => sum + (each.severity === severity ? 1 : 0), 0);
}

/** `2 errors`, `1 error and 3 warnings`, `nothing`. */
export function tally(diagnostics: readonly Diagnostic[]): string {
  const errors = countOf(diagnostics, 'error');
  const warnings = countOf(diagnostics, 'warning');
  const parts = [errors > 0 ? count(errors, 'error') : [], warnings > 0 ? count(warnings, 'warning') : []];
  return parts.flat().join(' and ') || 'nothing';
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What a tool is told in one line of text: the message and what would be right. */
export function messageAndHelp({ message, help }: Diagnostic, joint: string): string {
  return help === undefined ? message : `${message}${joint}help: ${help}`;
}
