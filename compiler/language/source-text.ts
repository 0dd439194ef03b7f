import type { Span } from './span.ts';

/** A spec's text with an index of its lines. A line ends at `\n`, `\r\n` or a lone `\r`. */
export class SourceText {
  /** The file as the user named it, with forward slashes. */
  readonly file: string;
  readonly text: string;
  /** Offset of the first character of each line; a byte order mark belongs to no line. */
  private readonly lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [text.startsWith('\uFEFF') ? 1 : 0];
    for (const lineBreak of text.matchAll(/\r\n|\n|\r/g)) starts.push(lineBreak.index + lineBreak[0].length);
    this.lineStarts = starts;
  }

  /** The span of the characters from `start` up to, not including, `end`. */
  span(start: number, end: number): Span {
    const line = this.lineAt(start);
    return { file: this.file, start, end, line, column: Math.max(start - this.lineStart(line), 0) + 1 };
  }

  /** The number, from 1, of the line that holds the offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The offset at which a line starts. */
  lineStart(line: number): number {
    return this.lineStarts[line - 1] ?? this.text.length;
  }

  /** One past the last character of a line, its line break not counted. */
  lineEnd(line: number): number {
    const next = this.lineStarts[line];
    if (next === undefined) return this.text.length;
    return this.text.startsWith('\r\n', next - 2) ? next - 2 : next - 1;
  }
}

/** From the start of one span to the end of another of the same file. */
export function joinSpans(first: Span, last: Span): Span {
  return { ...first, end: Math.max(first.end, last.end) };
}
