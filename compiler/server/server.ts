import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  type InitializeParams,
  type ServerCapabilities,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node.js';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { COMPILER_VERSION } from '../version.ts';
import { DiagnosticsPublisher } from './diagnostics-publisher.ts';
import type { FileSystem } from './file-system.ts';
import { serveRequests } from './requests.ts';
import { tokenTypes } from './semantic-tokens.ts';
import { fileOfUri } from './uris.ts';
import { Workspace } from './workspace.ts';

/** Long enough not to check at every letter, short enough not to be noticed; in milliseconds. */
const checkDelay = 150;

const capabilities: ServerCapabilities = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: [' ', '"', '/', '{'] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.SourceFixAll] },
  semanticTokensProvider: { legend: { tokenTypes: [...tokenTypes], tokenModifiers: [] }, full: true },
  workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
};

/** Serves the specs of a file system to the editor at the other end of a connection, which must be listened to after it. */
export function serve(connection: Connection, fileSystem: FileSystem): void {
  const workspace = new Workspace(fileSystem);
  const logError = (error: unknown) =>
    connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const publisher = new DiagnosticsPublisher(workspace, {
    delay: checkDelay,
    publish: ({ uri, version, diagnostics }) => {
      const versioned = version === undefined ? {} : { version };
      void connection.sendDiagnostics({ uri, diagnostics: [...diagnostics], ...versioned });
    },
    onError: logError,
  });
  const client = serveLifecycle(connection, workspace, publisher);
  followDocuments(connection, workspace, publisher);
  serveRequests(connection, workspace, client, logError);
}

/** What was learnt of the editor when it introduced itself. */
interface Client {
  snippets: boolean;
  watchesFiles: boolean;
}

function serveLifecycle(
  connection: Connection,
  workspace: Workspace,
  publisher: DiagnosticsPublisher,
): Client {
  const client: Client = { snippets: false, watchesFiles: false };
  connection.onInitialize((params) => {
    const { textDocument, workspace: ofWorkspace } = params.capabilities;
    client.snippets = textDocument?.completion?.completionItem?.snippetSupport === true;
    client.watchesFiles = ofWorkspace?.didChangeWatchedFiles?.dynamicRegistration === true;
    workspace.folders = foldersOf(params);
    return { capabilities, serverInfo: { name: 'mae-language-server', version: COMPILER_VERSION } };
  });
  connection.onInitialized(() => {
    if (!client.watchesFiles) return;
    const watchers = [{ globPattern: '**/*.mae' }];
    // An editor that refuses goes without: files are read again whenever something is typed.
    connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => {});
  });
  connection.onNotification(DidChangeWorkspaceFoldersNotification.type, ({ event }) => {
    const removed = new Set(event.removed.map(({ uri }) => fileOfUri(uri)));
    const added = event.added.map(({ uri }) => fileOfUri(uri));
    workspace.folders = [...workspace.folders.filter((folder) => !removed.has(folder)), ...added];
  });
  connection.onDidChangeWatchedFiles(() => publisher.schedule());
  connection.onShutdown(() => publisher.stop());
  return client;
}

function foldersOf({ workspaceFolders, ...params }: InitializeParams): string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => fileOfUri(uri));
  const { rootUri } = params;
  return rootUri ? [fileOfUri(rootUri)] : [];
}

function followDocuments(
  connection: Connection,
  workspace: Workspace,
  publisher: DiagnosticsPublisher,
): void {
  const documents = new TextDocuments(TextDocument);
  documents.onDidChangeContent(({ document }) => {
    const { uri, version } = document;
    const isNew = workspace.openDocument(fileOfUri(uri)) === undefined;
    workspace.setDocument({ uri, version, text: document.getText() });
    publisher.schedule(isNew ? 0 : checkDelay);
  });
  documents.onDidClose(({ document }) => {
    workspace.closeDocument(document.uri);
    publisher.schedule(0);
  });
  documents.listen(connection);
}
