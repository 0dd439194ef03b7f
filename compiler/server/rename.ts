import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node.js';
import { reservedWords } from '../language/reserved-words.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import { Name, tokenize } from '../language/tokens.ts';
import { quote } from '../language/words.ts';
import { definitionAt, kindName, referencesTo, visibleDefinitions } from './names.ts';
import { type ParsedFile, rangeOf } from './parsed-file.ts';
import type { Workspace } from './workspace.ts';

/** Why something cannot be renamed, in words for the user. */
export class RenameError extends Error {}

/** The name at an offset, if it can be renamed. */
export function prepareRename(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
): { range: Range; placeholder: string } | undefined {
  const named = definitionAt(workspace, parsed, offset);
  if (named?.definition === undefined) return undefined;
  return { range: rangeOf(parsed, named.at), placeholder: named.definition.name };
}

/**
 * Renames what is declared with the name at an offset, there and in every file that uses it. Throws a `RenameError` if the
 * new name is none, or is taken in one of these files.
 */
export function renameAt(
  workspace: Workspace,
  parsed: ParsedFile,
  offset: number,
  newName: string,
): WorkspaceEdit {
  const definition = definitionAt(workspace, parsed, offset)?.definition;
  const declaring = definition && workspace.parse(definition.span.file);
  if (definition === undefined || declaring === undefined) {
    throw new RenameError('only the names of declarations can be renamed');
  }
  if (!isName(newName)) {
    throw new RenameError(`${quote(newName)} is no name: names are kebab-case, such as vit-base`);
  }
  if (definition.kind === constantKey && reservedWords.has(newName)) {
    throw new RenameError(
      `${quote(newName)} is an option of the language and cannot be the name of a constant`,
    );
  }
  const places = [{ parsed: declaring, span: definition.span }, ...referencesTo(workspace, definition)];
  const changes: Record<string, TextEdit[]> = {};
  for (const { parsed: each, span } of places) {
    const taken = visibleDefinitions(workspace, each.file, definition.kind).find(
      ({ name }) => name === newName,
    );
    if (taken !== undefined && newName !== definition.name) {
      throw new RenameError(
        `there is a ${kindName(definition.kind)} ${quote(newName)} already, in ${taken.span.file}`,
      );
    }
    const edits = changes[each.uri] ?? [];
    edits.push({ range: rangeOf(each, span), newText: newName });
    changes[each.uri] = edits;
  }
  return { changes };
}

function isName(text: string): boolean {
  const [token, second] = tokenize(text).tokens;
  return second === undefined && token?.tokenType === Name && token.image === text;
}
