import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { SourceReader, Unreadable } from '../language/compile-sources.ts';
import { errorCode, reason, SourceError } from './system-errors.ts';

/** Far more than anyone writes by hand; what is larger is something else that was named .mae. */
const mostBytes = 4 * 2 ** 20;

const named = (path: string) => normalize(path).split(sep).join('/');

/** The .mae files that are named or lie in the named folders, at any depth, sorted within each; each once. */
export function findSources(paths: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const path of paths) {
    const files = isFolder(path) ? walk(path).files : [path];
    if (files.length === 0) {
      throw new SourceError(`there are no .mae files in ${path}`, 'put a spec there, such as vit-tiny.mae');
    }
    for (const file of files) {
      const identity = identityOf(file);
      if (!found.has(identity)) found.set(identity, named(file));
    }
  }
  return [...found.values()];
}

/** The folders in which a .mae file that `findSources` would find could appear or go. */
export function sourceFolders(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      return statSync(path).isDirectory() ? [dirname(path), ...walk(path).folders] : [dirname(path)];
    } catch {
      return [dirname(path)];
    }
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    const help = 'name a .mae file, or a folder of them, such as spec/';
    throw new SourceError(`cannot read ${path}: ${reason(error)}`, help);
  }
}

interface Walk {
  readonly files: string[];
  readonly folders: string[];
}

/**
 * The .mae files and the folders below a folder. Hidden ones and node_modules do not count; links to folders are not followed:
 * they could lead in a circle.
 */
function walk(folder: string, into: Walk = { files: [], folders: [] }): Walk {
  into.folders.push(folder);
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, into);
    else if (entry.name.endsWith('.mae') && !isLinkedFolder(path)) into.files.push(path);
  }
  return into;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new SourceError(`cannot read the folder ${folder}: ${reason(error)}`, 'check its permissions');
  }
}

function isLinkedFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The file behind all the names that it may have; the name itself where there is no file. */
function identityOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Reads specs from the file system; imports are relative to the importing file. A file has one name, however it is reached. */
export class SourceFiles implements SourceReader {
  /** All files that were asked for, and what was found. */
  readonly found = new Map<string, string | Unreadable | undefined>();
  private readonly names = new Map<string, string>();

  constructor(entries: readonly string[]) {
    for (const file of entries) this.names.set(identityOf(file), file);
  }

  read(file: string): string | Unreadable | undefined {
    const text = readText(file);
    this.found.set(file, text);
    return text;
  }

  resolve(from: string, specifier: string): string {
    const path = named(isAbsolute(specifier) ? specifier : join(dirname(from), specifier));
    const identity = identityOf(path);
    const known = this.names.get(identity);
    if (known === undefined) this.names.set(identity, path);
    return known ?? path;
  }
}

/** The text of a spec file, or why there is none; undefined where there is no file at all. Never throws. */
export function readText(file: string): string | Unreadable | undefined {
  try {
    const status = statSync(file);
    return unsuitable(status) ?? decode(readFileSync(file));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return { because: reason(error), help: 'may the file be read?' };
    return isLink(file) ? { because: 'it is a link to a file that is not there' } : undefined;
  }
}

function unsuitable(status: Stats): Unreadable | undefined {
  if (status.isDirectory()) return { because: 'it is a folder', help: 'name a file in it' };
  if (!status.isFile()) return { because: 'it is no regular file' };
  if (status.size <= mostBytes) return undefined;
  const size = `${(status.size / 2 ** 20).toFixed(1)} MiB`;
  return { because: `it has ${size}`, help: `a spec has at most ${mostBytes / 2 ** 20} MiB: is it one?` };
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 as text, a byte order mark included; anything else is refused, since writing it back would change it. */
export function decode(bytes: Uint8Array): string | Unreadable {
  try {
    return utf8.decode(bytes);
  } catch {
    const [first, second] = bytes;
    const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    const because = isUtf16 ? 'it is UTF-16, not UTF-8' : `it is not UTF-8 text${placeOfMistake(bytes)}`;
    return { because, help: 'save it as UTF-8' };
  }
}

/** Where the first byte stands that is not UTF-8: `: byte 0xe9 in line 3`. */
function placeOfMistake(bytes: Uint8Array): string {
  // A lenient decoder puts U+FFFD at the first mistake; what it made of all before is that long in bytes.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  for (const [index, piece] of text.split('\uFFFD').entries()) {
    // A replacement character may have been written as such.
    if (index > 0 && bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd)
      offset += 3;
    else if (index > 0) break;
    offset += Buffer.byteLength(piece);
  }
  const line = utf8.decode(bytes.subarray(0, offset)).split(/\r\n|\n|\r/).length;
  return `: byte 0x${(bytes[offset] ?? 0).toString(16)} in line ${line}`;
}
