import { posix } from 'node:path';
import { type CompiledSources, compileSources } from '../language/compile-sources.ts';
import type { FileSystem } from './file-system.ts';
import { type ParsedFile, parseFile } from './parsed-file.ts';
import { fileOfUri, resolveImport, uriOfFile } from './uris.ts';

/** A document as the editor holds it. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

interface Compilation {
  readonly result: CompiledSources;
  /** What was read for it: it holds while all of that is unchanged. */
  readonly read: ReadonlyMap<string, string | undefined>;
}

/** Searching stops after so many folders, so that a workspace of any size is answered for in time. */
const mostFolders = 5000;

/**
 * The files as the user sees them: the editor's unsaved text over the disk. What is derived of a text is kept until the
 * text changes.
 */
export class Workspace {
  /** The folders that are open in the editor. */
  folders: readonly string[] = [];
  readonly fileSystem: FileSystem;
  private readonly documents = new Map<string, OpenDocument>();
  private readonly parsed = new Map<string, ParsedFile>();
  private readonly compilations = new Map<string, Compilation>();

  constructor(fileSystem: FileSystem) {
    this.fileSystem = fileSystem;
  }

  /** Takes over what the editor says a document holds. */
  setDocument(document: OpenDocument): void {
    this.documents.set(fileOfUri(document.uri), document);
  }

  /** From now on the file is what the disk says. */
  closeDocument(uri: string): void {
    const file = fileOfUri(uri);
    this.documents.delete(file);
    this.parsed.delete(file);
    this.compilations.delete(file);
  }

  openDocument(file: string): OpenDocument | undefined {
    return this.documents.get(file);
  }

  openFiles(): string[] {
    return [...this.documents.keys()];
  }

  /** As the editor named it, if it did. */
  uriOf(file: string): string {
    return this.documents.get(file)?.uri ?? uriOfFile(file);
  }

  read(file: string): string | undefined {
    return this.documents.get(file)?.text ?? this.fileSystem.read(file);
  }

  /** Undefined for a file that cannot be read. */
  parse(file: string): ParsedFile | undefined {
    const text = this.read(file);
    const known = this.parsed.get(file);
    const document = this.documents.get(file);
    const version = document?.version ?? 0;
    if (known !== undefined && known.text === text && known.document.version === version) return known;
    if (text === undefined) {
      this.parsed.delete(file);
      return undefined;
    }
    const parsed = parseFile(file, this.uriOf(file), version, text);
    this.parsed.set(file, parsed);
    return parsed;
  }

  /** Checks a file together with all that it imports. */
  compile(file: string): CompiledSources {
    const known = this.compilations.get(file);
    if (known !== undefined && [...known.read].every(([each, text]) => this.read(each) === text)) {
      return known.result;
    }
    const read = new Map<string, string | undefined>();
    const reader = {
      read: (each: string) => {
        const text = this.read(each);
        read.set(each, text);
        return text;
      },
      resolve: resolveImport,
    };
    const result = compileSources([file], reader);
    this.compilations.set(file, { result, read });
    return result;
  }

  /**
   * All specs that the user may mean: the open ones and those in the open folders; without folders, those beside the open
   * ones.
   */
  specFiles(): string[] {
    const open = this.openFiles();
    const files = new Set(open);
    const folders = [...this.folders];
    const deep = folders.length > 0;
    if (!deep) folders.push(...new Set(open.map((file) => posix.dirname(file))));
    let seen = 0;
    // The list grows while it is walked.
    for (const folder of folders) {
      if (++seen > mostFolders) break;
      for (const { name, kind } of this.fileSystem.list(folder)) {
        const path = posix.join(folder, name);
        if (kind === 'file') {
          if (name.endsWith('.mae')) files.add(path);
        } else if (deep && !name.startsWith('.') && name !== 'node_modules') folders.push(path);
      }
    }
    return [...files];
  }
}
