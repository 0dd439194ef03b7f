import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver/node.js';
import { constantKey } from '../language/schema/file-keys.ts';
import type { KeyEntry, Slot } from '../language/schema/key-entry.ts';
import { declaredName, formerName, path } from '../language/schema/value-types.ts';
import { constantValue } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { importEdit } from './import-edit.ts';
import { code, slotDocumentation } from './key-documentation.ts';
import { type Definition, namesIn, specifierOf, visibleDefinitions } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import { pathCompletions } from './path-completions.ts';
import { exampleOf, spellValue } from './spelling.ts';
import { declarationOf } from './statements.ts';
import { type Expectation, expectedAfter } from './value-roles.ts';
import type { Workspace } from './workspace.ts';

/** The words and values that may stand next behind a key. */
export function valueCompletions(
  workspace: Workspace,
  parsed: ParsedFile,
  cursor: Cursor,
  offset: number,
): CompletionItem[] {
  const { current, word } = cursor;
  const entry = current?.entry;
  if (current === undefined || entry === undefined) return [];
  const before = current.statement.values.filter(({ span }) => span.end <= word.start);
  const items = expectedAfter(entry, before).flatMap((expected) => {
    if (expected.keyword !== undefined) return [keywordItem(entry, expected, expected.keyword)];
    const { refersTo, options } = expected.slot.type;
    if (refersTo !== undefined) return nameItems(workspace, parsed, cursor, refersTo);
    if (expected.slot.type === path) return pathCompletions(workspace, parsed, cursor, offset);
    if (expected.slot.type === declaredName || expected.slot.type === formerName) return [];
    const items = options === undefined ? usualItems(entry, expected) : optionItems(entry, expected, options);
    return [...items, ...nameItems(workspace, parsed, cursor, constantKey, expected.slot)];
  });
  const range = rangeOf(parsed, word);
  return items.map((item, index) => ({
    sortText: String(index).padStart(4, '0'),
    ...item,
    textEdit: item.textEdit ?? { range, newText: item.label },
  }));
}

function keywordItem(entry: KeyEntry, { slot }: Expectation, keyword: string): CompletionItem {
  const value = slotDocumentation(entry, slot);
  return { label: keyword, kind: CompletionItemKind.Keyword, documentation: { kind: 'markdown', value } };
}

function optionItems(
  entry: KeyEntry,
  { slot }: Expectation,
  options: Readonly<Record<string, string>>,
): CompletionItem[] {
  const usual = slot.default === undefined ? undefined : spellValue(entry, slot, slot.default);
  return Object.entries(options).map(([label, documentation]) => ({
    label,
    kind: CompletionItemKind.EnumMember,
    documentation,
    ...(label === usual ? { detail: 'the default' } : {}),
  }));
}

/** For a value that can be almost anything: its default and that of the key's example. */
function usualItems(entry: KeyEntry, { slot }: Expectation): CompletionItem[] {
  const usual = slot.default === undefined ? [] : [spellValue(entry, slot, slot.default)];
  const labels = new Set([...usual, ...(slot.repeated === true ? [] : exampleOf(entry, slot).slice(0, 1))]);
  return [...labels].map((label) => ({
    label,
    kind: CompletionItemKind.Value,
    detail: usual.includes(label) ? 'the default' : 'an example',
    documentation: { kind: 'markdown', value: `${code(entry.key)}: ${slotDocumentation(entry, slot)}` },
  }));
}

/** What can be named here as it is; then what can once its file is imported. Of constants, those whose value the slot takes. */
function nameItems(
  workspace: Workspace,
  parsed: ParsedFile,
  cursor: Cursor,
  kind: string,
  slot?: Slot,
): CompletionItem[] {
  const own = cursor.current && declarationOf(cursor.current).statement;
  const visible = visibleDefinitions(workspace, parsed.file, kind);
  const names = new Set(visible.map(({ name }) => name));
  const canStand = (definition: Definition) =>
    definition.statement !== own && (slot === undefined || fits(workspace, definition, slot));
  const items = visible.filter(canStand).map((definition) => nameItem(workspace, definition, parsed));
  for (const file of workspace.specFiles()) {
    const other = file === parsed.file ? undefined : workspace.parse(file);
    if (other === undefined) continue;
    for (const definition of namesIn(other).definitions) {
      if (definition.kind !== kind || names.has(definition.name) || !canStand(definition)) continue;
      const specifier = specifierOf(parsed.file, file);
      const additionalTextEdits = [importEdit(parsed, specifier)];
      const item = nameItem(workspace, definition, parsed);
      items.push({
        ...item,
        detail: kind === constantKey ? `${item.detail}; imports it` : `imports "${specifier}"`,
        sortText: '9',
        additionalTextEdits,
      });
    }
  }
  return items;
}

function fits(workspace: Workspace, definition: Definition, { type }: Slot): boolean {
  const value = constantValue(workspace, definition);
  return value !== undefined && 'value' in type.read(value);
}

/** With the kind of what is named; of a constant, with its value. */
function nameItem(workspace: Workspace, definition: Definition, { file }: ParsedFile): CompletionItem {
  const { name, kind, span } = definition;
  const what = constantValue(workspace, definition)?.text ?? kind;
  const detail = span.file === file ? what : `${what} of "${specifierOf(file, span.file)}"`;
  const itemKind = kind === constantKey ? CompletionItemKind.Constant : CompletionItemKind.Reference;
  return { label: name, kind: itemKind, detail };
}
