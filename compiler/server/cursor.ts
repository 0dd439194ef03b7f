import type { Block, Statement, Value } from '../language/ast.ts';
import type { Place } from '../language/schema/key-entry.ts';
import type { ParsedFile } from './parsed-file.ts';
import { blockPlace, type PlacedStatement, placeStatement } from './statements.ts';

/** What an offset of a file points at. */
export interface Cursor {
  /** The place whose keys may stand here; undefined in the block of an unknown key. */
  readonly place: Place | undefined;
  /** The statement whose block this is; undefined at the top of the file. */
  readonly parent: PlacedStatement | undefined;
  /** The statements of the same block. */
  readonly siblings: readonly Statement[];
  /** The statement that the offset is on or that is being written; undefined where a new one would begin. */
  readonly current: PlacedStatement | undefined;
  /** Whether the offset is on the key of `current`, its end included. */
  readonly onKey: boolean;
  /** The value that the offset is on, its end included. */
  readonly value: Value | undefined;
  /** The word around the offset. */
  readonly word: { readonly start: number; readonly end: number };
}

/** Undefined in a comment. */
export function cursorAt(parsed: ParsedFile, offset: number): Cursor | undefined {
  const { tree } = parsed;
  if (tree.comments.some(({ span }) => offset > span.start && offset <= span.end)) return undefined;
  let place: Place | undefined = 'file';
  let parent: PlacedStatement | undefined;
  let siblings = tree.statements;
  for (;;) {
    const index = siblings.findLastIndex(({ key }) => key.span.start <= offset);
    const statement = siblings[index];
    if (statement === undefined) break;
    const placed = placeStatement(statement, place, parent);
    const { block } = statement;
    if (block !== undefined && isInside(parsed, block, offset)) {
      place = blockPlace(placed);
      parent = placed;
      siblings = block.statements;
      continue;
    }
    const current = isOn(parsed, statement, offset) ? placed : undefined;
    const value = current && statement.values.find(({ span }) => offset >= span.start && offset <= span.end);
    const onKey = current !== undefined && offset <= statement.key.span.end;
    return { place, parent, siblings, current, onKey, value, word: wordAt(parsed, offset) };
  }
  const nothing = { current: undefined, onKey: false, value: undefined };
  return { place, parent, siblings, ...nothing, word: wordAt(parsed, offset) };
}

/** Whether a statement holds the offset or goes on up to it: only blanks may be between. */
function isOn({ text }: ParsedFile, { head, block }: Statement, offset: number): boolean {
  if (offset <= head.end) return true;
  if (block !== undefined && offset > block.span.start) return false;
  return /^[^\S\r\n]*$/.test(text.slice(head.end, Math.min(offset, head.end + longestGap)));
}

/** More blanks than this between the values of a key are not looked through. */
const longestGap = 1000;

/** Whether an offset is between the braces of a block. Where the closing one is missing, the indentation decides. */
function isInside(parsed: ParsedFile, { span }: Block, offset: number): boolean {
  const { text, source } = parsed;
  if (offset <= span.start) return false;
  if (text[span.end - 1] === '}' && span.end - span.start > 1) return offset < span.end;
  if (offset <= source.lineEnd(source.lineAt(span.end))) return true;
  return indentation(parsed, offset) > indentation(parsed, span.start);
}

/** How far the line of an offset is indented; on a blank line, how far the offset itself is. */
function indentation({ text, source }: ParsedFile, offset: number): number {
  const start = source.lineStart(source.lineAt(offset));
  const blanks = /^[^\S\r\n]*/.exec(text.slice(start, start + longestGap));
  return Math.min(blanks?.[0].length ?? 0, offset - start);
}

const separator = /[\s,;{}"#]/;

function wordAt({ text }: ParsedFile, offset: number): { start: number; end: number } {
  let start = offset;
  while (start > 0 && !separator.test(text.charAt(start - 1))) start--;
  let end = offset;
  while (end < text.length && !separator.test(text.charAt(end))) end++;
  return { start, end };
}
