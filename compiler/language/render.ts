import type { Diagnostic, Severity } from './diagnostic.ts';
import { displayLine, displayWidth } from './display.ts';
import type { SourceText } from './source-text.ts';
import type { Span } from './span.ts';
import { printable } from './words.ts';

/** How the parts of a printed diagnostic are coloured; each function gets plain text. */
export interface Palette {
  readonly location: (text: string) => string;
  readonly severity: Readonly<Record<Severity, (text: string) => string>>;
  readonly message: (text: string) => string;
  /** Line numbers and the rule beside them. */
  readonly gutter: (text: string) => string;
  /** What marks the related places and their labels. */
  readonly related: (text: string) => string;
  readonly help: (text: string) => string;
}

const plain = (text: string) => text;

export const plainPalette: Palette = {
  location: plain,
  severity: { error: plain, warning: plain },
  message: plain,
  gutter: plain,
  related: plain,
  help: plain,
};

/**
 * A diagnostic as lines for people: the place and the message, the text with the place marked, related places, help.
 * No line break at the end. `sources` holds the files by name; a place in a file that it lacks is shown without its
 * text.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: ReadonlyMap<string, SourceText>,
  palette: Palette = plainPalette,
): string {
  const { code, severity, message, span, help } = diagnostic;
  const place = palette.location(locationOf(span));
  const lines = [
    `${place}  ${palette.severity[severity](`${severity} ${code}`)}  ${palette.message(message)}`,
  ];
  const frames = framesOf(diagnostic, sources);
  const numberWidth = Math.max(0, ...frames.map(({ line }) => String(line).length));
  for (const frame of frames) {
    if (frame.source.file !== span.file) {
      const [first] = frame.marks;
      lines.push(`  ${palette.location(first === undefined ? frame.source.file : locationOf(first.span))}`);
    }
    lines.push(...renderFrame(frame, numberWidth, palette.severity[severity], palette));
  }
  if (help !== undefined) lines.push(`  ${palette.help('help:')} ${help}`);
  return lines.join('\n');
}

function locationOf({ file, line, column }: Span): string {
  return `${printable(file)}:${line}:${column}`;
}

interface Mark {
  readonly span: Span;
  /** Undefined for the primary place, whose message stands above. */
  readonly label: string | undefined;
}

/** A line of a source with what is marked on it. */
interface Frame {
  readonly source: SourceText;
  readonly line: number;
  readonly marks: Mark[];
}

/** Lines are shown up to this many characters; of longer ones, what is around the marks. */
const longestLine = 100;
const clippedBefore = 30;

function framesOf({ span, related }: Diagnostic, sources: ReadonlyMap<string, SourceText>): Frame[] {
  const marks: Mark[] = [{ span, label: undefined }];
  for (const each of related) marks.push({ span: each.span, label: each.message });
  const frames: Frame[] = [];
  for (const mark of marks) {
    const source = sources.get(mark.span.file);
    if (source === undefined) continue;
    const { line } = mark.span;
    const shared = frames.find(
      (frame) => frame.source === source && frame.line === line && fits(frame, mark),
    );
    if (shared === undefined) frames.push({ source, line, marks: [mark] });
    else shared.marks.push(mark);
  }
  return frames;
}

/** Whether another mark can be shown with those of a frame. */
function fits({ source, line, marks }: Frame, mark: Mark): boolean {
  if (source.lineEnd(line) - source.lineStart(line) <= longestLine) return true;
  const spans = [...marks, mark].map(({ span }) => span);
  const start = Math.min(...spans.map((span) => span.start));
  return Math.max(...spans.map((span) => span.end)) - start <= longestLine - clippedBefore;
}

function renderFrame(
  frame: Frame,
  numberWidth: number,
  severity: (text: string) => string,
  palette: Palette,
): string[] {
  const { source, line, marks } = frame;
  const window = windowOf(frame);
  const shown = displayLine(source.text.slice(window.start, window.end));
  const prefix = window.start > source.lineStart(line) ? '…' : '';
  const suffix = window.end < source.lineEnd(line) ? '…' : '';
  const number = palette.gutter(`  ${String(line).padStart(numberWidth)} |`);
  const blank = palette.gutter(`  ${' '.repeat(numberWidth)} |`);
  const columnOf = (offset: number) =>
    prefix.length + shown.column(Math.min(Math.max(offset, window.start), window.end) - window.start);

  const pieces = marks.map(({ span, label }) => {
    const start = columnOf(span.start);
    const length = Math.max(columnOf(Math.min(span.end, window.end)) - start, 1);
    const text = label === undefined ? '^'.repeat(length) : `${'-'.repeat(length)} ${printable(label)}`;
    return { start, text, paint: label === undefined ? severity : palette.related };
  });
  const rows = arrange(pieces).map((row) => `${blank} ${row}`);
  return [`${number} ${prefix}${shown.text}${suffix}`.trimEnd(), ...rows];
}

interface Window {
  readonly start: number;
  readonly end: number;
}

/** The part of the line to show, as offsets into the text. */
function windowOf({ source, line, marks }: Frame): Window {
  const lineStart = source.lineStart(line);
  const lineEnd = source.lineEnd(line);
  if (lineEnd - lineStart <= longestLine) return { start: lineStart, end: lineEnd };
  const first = Math.min(...marks.map(({ span }) => span.start));
  const latest = Math.max(lineEnd - longestLine, lineStart);
  const start = Math.min(Math.max(first - clippedBefore, lineStart), latest);
  return { start: afterPair(source, start), end: afterPair(source, Math.min(start + longestLine, lineEnd)) };
}

/** The offset, or the next one if it is in the middle of a surrogate pair. */
function afterPair({ text }: SourceText, offset: number): number {
  return /^[\udc00-\udfff]/.test(text.charAt(offset)) ? offset + 1 : offset;
}

interface Piece {
  readonly start: number;
  readonly text: string;
  readonly paint: (text: string) => string;
}

/**
 * Puts marks with their labels into as few rows as they need not to run into each other; the primary's is the first.
 */
function arrange(pieces: readonly Piece[]): string[] {
  const rows: Piece[][] = [];
  for (const piece of pieces) {
    const row = rows.find((others) => others.every((other) => isApart(piece, other)));
    if (row === undefined) rows.push([piece]);
    else row.push(piece);
  }
  return rows.map((row) => {
    let text = '';
    let width = 0;
    for (const piece of row.sort((a, b) => a.start - b.start)) {
      text += ' '.repeat(piece.start - width) + piece.paint(piece.text);
      width = endOf(piece);
    }
    return text;
  });
}

function endOf({ start, text }: Piece): number {
  return start + displayWidth(text);
}

/** Whether there is a blank between two pieces. */
function isApart(a: Piece, b: Piece): boolean {
  return endOf(a) < b.start || endOf(b) < a.start;
}
