import { posix } from 'node:path';
import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node.js';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { FileSystem, FolderEntry } from '../../compiler/server/file-system.ts';
import type { ParsedFile } from '../../compiler/server/parsed-file.ts';
import { Workspace } from '../../compiler/server/workspace.ts';

/** Files by absolute path. */
export type Files = Record<string, string>;

/** A disk that can be changed behind the server's back. */
export function memoryFileSystem(files: Files): FileSystem {
  return {
    read: (file) => files[file],
    list(folder) {
      const entries = new Map<string, FolderEntry>();
      for (const file of Object.keys(files)) {
        const [name = '', ...rest] = posix.relative(folder, file).split('/');
        if (name !== '..') entries.set(name, { name, kind: rest.length > 0 ? 'folder' : 'file' });
      }
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}

/** A workspace of the folder /w in which nothing is open. */
export function workspaceOf(files: Files): Workspace {
  const workspace = new Workspace(memoryFileSystem(files));
  workspace.folders = ['/w'];
  return workspace;
}

export function open(workspace: Workspace, file: string, text: string, version = 1): ParsedFile {
  workspace.setDocument({ uri: workspace.uriOf(file), version, text });
  return parsedFile(workspace, file);
}

export function parsedFile(workspace: Workspace, file: string): ParsedFile {
  const parsed = workspace.parse(file);
  if (parsed === undefined) throw new Error(`no file ${file}`);
  return parsed;
}

/** Opens a text in which ‸ marks the place of the cursor. */
export function openAt(marked: string, files: Files = {}, file = '/w/main.mae') {
  const offset = marked.indexOf('‸');
  if (offset < 0) throw new Error('no ‸ in the text');
  const text = marked.replace('‸', '');
  const workspace = workspaceOf({ ...files, [file]: text });
  return { workspace, parsed: open(workspace, file, text), offset, text };
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('test:', 'mae', 0, text), [...edits]);
}

/** The texts of the files that an edit changes, after it; by path. */
export function applyWorkspaceEdit(workspace: Workspace, { changes = {} }: WorkspaceEdit): Files {
  return Object.fromEntries(
    Object.entries(changes).map(([uri, edits]) => {
      const file = uri.replace('file://', '');
      return [file, applyEdits(workspace.read(file) ?? '', edits)];
    }),
  );
}

/** The text that a range of a file holds. */
export function textIn({ document }: ParsedFile, range: Range | undefined): string {
  return range === undefined ? '' : document.getText(range);
}
