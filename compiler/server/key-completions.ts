import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver/node.js';
import type { KeyEntry } from '../language/schema/key-entry.ts';
import { keysOf } from '../language/schema.ts';
import type { CompletionOptions } from './completion.ts';
import type { Cursor } from './cursor.ts';
import { keyDocumentation } from './key-documentation.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import { keySnippet } from './snippets.ts';

/** The keys that may stand in the block and do not yet; required ones first, otherwise in the order of the schema. */
export function keyCompletions(
  parsed: ParsedFile,
  { place, siblings, current, word }: Cursor,
  { snippets }: CompletionOptions,
): CompletionItem[] {
  if (place === undefined) return [];
  const statement = current?.statement;
  const used = new Set(siblings.filter((each) => each !== statement).map(({ key }) => key.text));
  const free = [...keysOf(place).values()].filter(
    ({ key, repeatable }) => repeatable === true || !used.has(key),
  );
  // Where the key already has its values, only the key itself is replaced.
  const alone = statement === undefined || (statement.values.length === 0 && statement.block === undefined);
  const range = rangeOf(parsed, statement?.key.span ?? word);
  return free.map((entry, index): CompletionItem => {
    const asSnippet = snippets && alone;
    return {
      label: entry.key,
      kind: entry.block === undefined ? CompletionItemKind.Property : CompletionItemKind.Module,
      detail: detailOf(entry),
      documentation: { kind: 'markdown', value: keyDocumentation(entry) },
      sortText: `${entry.required === true ? 0 : 1}${String(index).padStart(3, '0')}`,
      insertTextFormat: asSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
      textEdit: { range, newText: asSnippet ? keySnippet(entry, place) : entry.key },
    };
  });
}

function detailOf({ required, slots, block }: KeyEntry): string {
  const values = slots.map(({ type, keyword }) => [keyword ?? '', type.label].join(' ').trim());
  const parts = [
    ...values,
    ...(block === undefined ? [] : ['a block']),
    ...(required === true ? ['required'] : []),
  ];
  return parts.join(', ');
}
