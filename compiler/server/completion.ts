import type { CompletionItem } from 'vscode-languageserver/node.js';
import { type Cursor, cursorAt } from './cursor.ts';
import { keyCompletions } from './key-completions.ts';
import type { ParsedFile } from './parsed-file.ts';
import { pathCompletions } from './path-completions.ts';
import { valueCompletions } from './value-completions.ts';
import type { Workspace } from './workspace.ts';

/** What the editor can take. */
export interface CompletionOptions {
  /** Whether it fills in snippets. */
  readonly snippets: boolean;
}

/** What may be written at an offset, best first. */
export function completionsAt(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
  options: CompletionOptions,
): CompletionItem[] {
  const cursor = cursorAt(parsed, offset);
  if (cursor === undefined) return [];
  if (isInString(cursor, parsed, offset)) return pathCompletions(workspace, parsed, cursor, offset);
  if (cursor.current === undefined || cursor.onKey) return keyCompletions(parsed, cursor, options);
  return valueCompletions(workspace, parsed, cursor, offset);
}

/** Whether the offset is behind the opening quotation mark of a string, and not behind its closing one. */
function isInString({ value }: Cursor, { text }: ParsedFile, offset: number): boolean {
  if (value === undefined || text[value.span.start] !== '"' || offset <= value.span.start) return false;
  return value.kind === 'broken' || offset < value.span.end;
}
