import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceReader } from '../../language/compile-sources.ts';
import { findSources, readText, SourceFiles } from '../source-files.ts';
import { errorCode, reason, SourceError } from '../system-errors.ts';

/** Files as they are somewhere: on disk, or in a revision of a git repository. */
export interface FileTree {
  /** Undefined for what is not there. */
  kindOf(path: string): 'file' | 'folder' | undefined;
  /** The .mae files of a folder, at any depth, sorted. Throws a `SourceError` for a folder without any. */
  specsIn(folder: string): readonly string[];
  /** Names of what lies in a folder. */
  entriesOf(folder: string): readonly string[];
  readonly reader: (entries: readonly string[]) => SourceReader;
  /** The text of a file, or why there is none. */
  readText(path: string): string | { readonly because: string };
  /** So many bytes of a file, fewer at its end; or why there are none. */
  readBytes(path: string, begin: number, length: number): Uint8Array | { readonly because: string };
  /** The git revision. */
  readonly revision?: string;
}

/** Files on disk. `importsBeside` is a file beside which imports are looked for that are not beside the file itself. */
export function diskTree(importsBeside?: string): FileTree {
  return {
    kindOf(path) {
      try {
        const status = statSync(path, { throwIfNoEntry: false });
        return status === undefined ? undefined : status.isDirectory() ? 'folder' : 'file';
      } catch (error) {
        // Below a file there is nothing.
        if (errorCode(error) === 'ENOTDIR') return undefined;
        throw new SourceError(`cannot read ${path}: ${reason(error)}`, 'check its permissions');
      }
    },
    specsIn: (folder) => findSources([folder]),
    entriesOf: (folder) => readdirSync(folder).sort(),
    reader: (entries) =>
      importsBeside === undefined ? new SourceFiles(entries) : new DisplacedFiles(entries, importsBeside),
    readText(path) {
      const text = readText(path);
      return text === undefined ? { because: 'there is no such file' } : text;
    },
    readBytes,
  };
}

function readBytes(path: string, begin: number, length: number): Uint8Array | { because: string } {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, begin));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { because: reason(error) };
  }
}

/** Files that a tool has copied elsewhere without what they import. */
class DisplacedFiles extends SourceFiles {
  private readonly origin: string;
  private readonly displaced: ReadonlySet<string>;

  constructor(entries: readonly string[], origin: string) {
    super(entries);
    this.origin = origin;
    this.displaced = new Set(entries);
  }

  override resolve(from: string, specifier: string): string {
    const beside = super.resolve(from, specifier);
    const isThere = statSync(beside, { throwIfNoEntry: false })?.isFile() === true;
    return isThere || !this.displaced.has(from) ? beside : super.resolve(this.origin, specifier);
  }
}

/** A path below a folder, with forward slashes. */
export function below(folder: string, name: string): string {
  return join(folder, name).replaceAll('\\', '/');
}
