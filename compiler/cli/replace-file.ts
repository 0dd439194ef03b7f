import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { readText } from './source-files.ts';
import { reason, SourceError } from './system-errors.ts';

/**
 * Writes a file whole or not at all, and the folders it lies in; a file that is there keeps its permissions, and a link leads to
 * the new content. That holds even if the machine loses its power. Throws a `SourceError` that names the file and the cause.
 */
export function replaceFile(path: string, content: string | Uint8Array, help: string): void {
  replace(path, content, help, true);
}

/**
 * The same for what can be generated again, without waiting for the disk: should the machine lose its power in the next seconds,
 * a file may be damaged; the next compilation finds that out by its sum, and restores it.
 */
export function replaceGenerated(path: string, content: string | Uint8Array): void {
  replace(path, content, 'choose another folder with --out, or make room', false);
}

/** Whether the file holds that content. */
export function isCurrent(path: string, content: string | Uint8Array): boolean {
  try {
    if (statSync(path).size !== Buffer.byteLength(content)) return false;
    return readFileSync(path).equals(typeof content === 'string' ? Buffer.from(content) : content);
  } catch {
    return false;
  }
}

function replace(path: string, content: string | Uint8Array, help: string, flush: boolean): void {
  const target = targetOf(path);
  const partial = `${target}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(partial, content, { flush, ...permissionsOf(target) });
    renameSync(partial, target);
  } catch (error) {
    removeQuietly(partial);
    throw new SourceError(`cannot write ${path}: ${reason(error)}`, help);
  }
}

/** Puts another text in the place of the one that was read; throws a `SourceError` if the file has become another since. */
export function replaceText(file: string, original: string | undefined, text: string): void {
  if (readText(file) !== original) {
    throw new SourceError(`${file} was changed by another program in the meantime`, 'run the command again');
  }
  replaceFile(file, text, 'may the file be written, and is there room on the disk?');
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Those of the file that is there; throws if they do not let it be written, which renaming over it would ignore. */
function permissionsOf(path: string): { mode?: number } {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return {};
  accessSync(path, constants.W_OK);
  return { mode: status.mode & 0o777 };
}

/** The partial file may lie below something that is no folder, which `rmSync` with `force` does not forgive. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // There is nothing to remove then.
  }
}
