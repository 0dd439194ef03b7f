import type { Hover } from 'vscode-languageserver/node.js';
import { cursorAt } from './cursor.ts';
import { definitionHover } from './definition-hover.ts';
import { keyDocumentation } from './key-documentation.ts';
import { definitionAt } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import { valueHover } from './value-hover.ts';
import type { Workspace } from './workspace.ts';

/** What the editor shows of a key, a name or a value. */
export function hoverAt(workspace: Workspace, parsed: ParsedFile, offset: number): Hover | undefined {
  const show = (at: { start: number; end: number }, value: string | undefined): Hover | undefined =>
    value === undefined ? undefined : { contents: { kind: 'markdown', value }, range: rangeOf(parsed, at) };

  const named = definitionAt(workspace, parsed, offset);
  if (named?.definition !== undefined) return show(named.at, definitionHover(workspace, named.definition));
  const cursor = cursorAt(parsed, offset);
  const { current, onKey, value } = cursor ?? {};
  if (current?.entry === undefined) return undefined;
  if (onKey) return show(current.statement.key.span, keyDocumentation(current.entry));
  return value === undefined ? undefined : show(value.span, valueHover(workspace, parsed, current, value));
}
