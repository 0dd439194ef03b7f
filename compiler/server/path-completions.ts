import { posix } from 'node:path';
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver/node.js';
import { path } from '../language/schema/value-types.ts';
import type { Cursor } from './cursor.ts';
import { namesIn, specifierOf } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import { resolveImport } from './uris.ts';
import { expectedAfter } from './value-roles.ts';
import type { Workspace } from './workspace.ts';

/** The specs and folders that a path can go on to; in quotation marks where it has none yet. */
export function pathCompletions(
  workspace: Workspace,
  parsed: ParsedFile,
  { current, value }: Cursor,
  offset: number,
): CompletionItem[] {
  const entry = current?.entry;
  if (entry === undefined) return [];
  const values = current?.statement.values ?? [];
  const before = value === undefined ? values : values.slice(0, values.indexOf(value));
  if (!expectedAfter(entry, before).some(({ slot }) => slot.type === path)) return [];
  return value === undefined || parsed.text[value.span.start] !== '"'
    ? wholePaths(workspace, parsed, { start: offset, end: offset })
    : nextParts(workspace, parsed, value, offset);
}

/** Every spec of the folder that is not imported yet. */
function wholePaths(
  workspace: Workspace,
  parsed: ParsedFile,
  at: { start: number; end: number },
): CompletionItem[] {
  const folder = posix.dirname(parsed.file);
  const imported = new Set(namesIn(parsed).imports.map(({ target }) => target));
  const range = rangeOf(parsed, at);
  return workspace.fileSystem
    .list(folder)
    .filter(({ name, kind }) => kind === 'file' && name.endsWith('.mae'))
    .map(({ name }) => posix.join(folder, name))
    .filter((file) => file !== parsed.file && !imported.has(file))
    .map((file): CompletionItem => {
      const label = `"${specifierOf(parsed.file, file)}"`;
      return { label, kind: CompletionItemKind.File, textEdit: { range, newText: label } };
    });
}

/** What the folder holds that the path leads to so far; only its last part is replaced. */
function nextParts(
  workspace: Workspace,
  parsed: ParsedFile,
  { span, kind }: NonNullable<Cursor['value']>,
  offset: number,
): CompletionItem[] {
  const written = parsed.text.slice(span.start + 1, offset);
  const lead = written.slice(0, written.lastIndexOf('/') + 1);
  const folder = posix.dirname(resolveImport(parsed.file, `${lead}x`));
  const end = kind === 'string' ? span.end - 1 : offset;
  const range = rangeOf(parsed, { start: span.start + 1 + lead.length, end });
  const item = (label: string, itemKind: CompletionItemKind, sortText: string): CompletionItem => {
    return { label, kind: itemKind, sortText, textEdit: { range, newText: label } };
  };
  const start = lead === '' ? './' : '';
  const items = workspace.fileSystem.list(folder).flatMap((each) => {
    const { name } = each;
    if (each.kind === 'file') {
      const isSpec = name.endsWith('.mae') && posix.join(folder, name) !== parsed.file;
      return isSpec ? [item(`${start}${name}`, CompletionItemKind.File, `0${name}`)] : [];
    }
    const hidden = name.startsWith('.') || name === 'node_modules';
    return hidden ? [] : [item(`${start}${name}/`, CompletionItemKind.Folder, `1${name}`)];
  });
  const leadsUp = /^(?:\.\.\/)*$/.test(lead);
  return leadsUp ? [...items, item('../', CompletionItemKind.Folder, '2')] : items;
}
