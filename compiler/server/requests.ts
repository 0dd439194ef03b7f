import { type Connection, LSPErrorCodes, type Position, ResponseError } from 'vscode-languageserver/node.js';
import { codeActions } from './code-actions.ts';
import { type CompletionOptions, completionsAt } from './completion.ts';
import { definitionLocation, highlightsAt, referenceLocations } from './definition.ts';
import { documentSymbols } from './document-symbols.ts';
import { foldingRanges } from './folding.ts';
import { formattingEdits } from './formatting.ts';
import { hoverAt } from './hover.ts';
import type { ParsedFile } from './parsed-file.ts';
import { prepareRename, RenameError, renameAt } from './rename.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { fileOfUri } from './uris.ts';
import type { Workspace } from './workspace.ts';

interface OfDocument {
  readonly textDocument: { readonly uri: string };
}

interface AtPosition extends OfDocument {
  readonly position: Position;
}

/** Answers an editor's questions about documents. `logError` is told of mistakes of ours, which answer with nothing. */
export function serveRequests(
  connection: Connection,
  workspace: Workspace,
  client: CompletionOptions,
  logError: (error: unknown) => void,
): void {
  const { about, at } = answering(workspace, logError);
  connection.onCompletion(at([], (parsed, offset) => completionsAt(workspace, parsed, offset, client)));
  connection.onHover(at(null, (parsed, offset) => hoverAt(workspace, parsed, offset) ?? null));
  connection.onDefinition(
    at(null, (parsed, offset) => definitionLocation(workspace, parsed, offset) ?? null),
  );
  connection.onDocumentHighlight(at([], (parsed, offset) => highlightsAt(workspace, parsed, offset)));
  connection.onReferences(
    about([], (parsed, { position, context }) => {
      const offset = parsed.document.offsetAt(position);
      return referenceLocations(workspace, parsed, offset, context.includeDeclaration);
    }),
  );
  connection.onPrepareRename(at(null, (parsed, offset) => prepareRename(workspace, parsed, offset) ?? null));
  connection.onRenameRequest(
    about(null, (parsed, { position, newName }) =>
      renameAt(workspace, parsed, parsed.document.offsetAt(position), newName),
    ),
  );
  connection.onDocumentSymbol(about([], (parsed) => documentSymbols(parsed)));
  connection.onFoldingRanges(about([], (parsed) => foldingRanges(parsed)));
  connection.onDocumentFormatting(about([], (parsed) => formattingEdits(parsed)));
  connection.onCodeAction(about([], (parsed, { range }) => codeActions(workspace, parsed, range)));
  connection.languages.semanticTokens.on(about({ data: [] }, (parsed) => ({ data: semanticTokens(parsed) })));
}

/** Makes handlers of functions that answer about a file, or about an offset in it. */
function answering(workspace: Workspace, logError: (error: unknown) => void) {
  /** An answer about a document; `nothing` where it cannot be read, or where the answer fails by a mistake of ours. */
  const about =
    <Params extends OfDocument, Answer>(
      nothing: Answer,
      work: (parsed: ParsedFile, params: Params) => Answer,
    ) =>
    (params: Params): Answer => {
      try {
        const parsed = workspace.parse(fileOfUri(params.textDocument.uri));
        return parsed === undefined ? nothing : work(parsed, params);
      } catch (error) {
        if (error instanceof RenameError) throw new ResponseError(LSPErrorCodes.RequestFailed, error.message);
        logError(error);
        return nothing;
      }
    };
  const at = <Answer>(nothing: Answer, work: (parsed: ParsedFile, offset: number) => Answer) =>
    about<AtPosition, Answer>(nothing, (parsed, { position }) =>
      work(parsed, parsed.document.offsetAt(position)),
    );
  return { about, at };
}
