import { type DocumentHighlight, DocumentHighlightKind, type Location } from 'vscode-languageserver/node.js';
import { type Definition, definitionAt, namesIn, referencesTo } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import type { Workspace } from './workspace.ts';

/** Where a name is declared, or the file that an import means. */
export function definitionLocation(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
): Location | undefined {
  const named = definitionAt(workspace, parsed, offset);
  if (named?.definition !== undefined) return locationOf(workspace, named.definition);
  const { imports } = namesIn(parsed);
  const imported = imports.find(({ span }) => offset >= span.start && offset <= span.end);
  const target = imported && workspace.parse(imported.target);
  return target && { uri: target.uri, range: rangeOf(target, { start: 0, end: 0 }) };
}

/** Where the name at an offset is used, and if asked for, declared. */
export function referenceLocations(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
  includeDeclaration: boolean,
): Location[] {
  const definition = definitionAt(workspace, parsed, offset)?.definition;
  if (definition === undefined) return [];
  const declared = includeDeclaration ? locationOf(workspace, definition) : undefined;
  const used = referencesTo(workspace, definition).map((each) => ({
    uri: each.parsed.uri,
    range: rangeOf(each.parsed, each.span),
  }));
  return declared === undefined ? used : [declared, ...used];
}

/** The name at an offset wherever it stands in the same file. */
export function highlightsAt(workspace: Workspace, parsed: ParsedFile, offset: number): DocumentHighlight[] {
  return referenceLocations(workspace, parsed, offset, true)
    .filter(({ uri }) => uri === parsed.uri)
    .map(({ range }) => ({ range, kind: DocumentHighlightKind.Text }));
}

function locationOf(workspace: Workspace, { span }: Definition): Location | undefined {
  const parsed = workspace.parse(span.file);
  return parsed && { uri: parsed.uri, range: rangeOf(parsed, span) };
}
