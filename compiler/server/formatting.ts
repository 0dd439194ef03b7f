import type { TextEdit } from 'vscode-languageserver/node.js';
import { formatSource } from '../language/format/format-source.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';

/** What brings a file into its canonical layout: one edit of the lines that change, or none. */
export function formattingEdits(parsed: ParsedFile): TextEdit[] {
  const formatted = formatSource(parsed.source);
  // A file with syntax errors is left as it is: its diagnostics say why.
  if (!('text' in formatted) || formatted.text === parsed.text) return [];
  const before = linesOf(parsed.text);
  const after = linesOf(formatted.text);
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const start = lengthOf(before.slice(0, head));
  const end = parsed.text.length - lengthOf(tail === 0 ? [] : before.slice(-tail));
  const newText = after.slice(head, after.length - tail).join('');
  return [{ range: rangeOf(parsed, { start, end }), newText }];
}

/** Each with its line break. */
function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? [];
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
