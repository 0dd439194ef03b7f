import { dirname, isAbsolute, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * How the server names a file: by its absolute path with forward slashes; documents that are not on a disk (`untitled:`
 * and the like) by their URI.
 */
export function fileOfUri(uri: string): string {
  if (!uri.startsWith('file:')) return uri;
  try {
    return slashed(fileURLToPath(uri));
  } catch {
    return uri;
  }
}

/** The URI of a file, as `fileOfUri` names it. */
export function uriOfFile(file: string): string {
  return isAbsolute(file) ? pathToFileURL(file).href : file;
}

/** The file that an import in the file `from` means; for a document that is nowhere, a name that no file has. */
export function resolveImport(from: string, specifier: string): string {
  if (isAbsolute(from)) return slashed(join(dirname(from), specifier));
  try {
    return new URL(specifier, from).href;
  } catch {
    return `${from}#${specifier}`;
  }
}

export function slashed(path: string): string {
  return path.split(sep).join('/');
}
