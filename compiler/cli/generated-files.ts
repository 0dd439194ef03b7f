import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GeneratedFile, GeneratedModel } from '../compile-model.ts';
import { reason, SourceError } from './source-files.ts';

function isCurrent(path: string, content: GeneratedFile['content']): boolean {
  try {
    return readFileSync(path).equals(Buffer.from(content));
  } catch {
    return false;
  }
}

/**
 * Writes what is new or different into the model's folder; each file is replaced whole or not at all. Returns the paths that
 * changed. Throws a `SourceError` that names the file and the cause.
 */
export function writeGenerated(out: string, { name, files }: GeneratedModel): string[] {
  const written: string[] = [];
  for (const { path, content } of files) {
    const target = join(out, name, path);
    if (isCurrent(target, content)) continue;
    replaceFile(target, content);
    written.push(target);
  }
  return written;
}

function replaceFile(target: string, content: GeneratedFile['content']): void {
  const partial = `${target}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(partial, content, { flush: true });
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new SourceError(
      `cannot write ${target}: ${writeReason(error)}`,
      'choose another folder with --out, or make room',
    );
  }
}

const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EEXIST: 'a part of the path is a file, not a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
};

function writeReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WRITE_REASONS[code] ?? reason(error);
}

/** Files that are missing or differ. The .onnx files, which are not kept under version control, do not count. */
export function staleFiles(out: string, { name, files }: GeneratedModel): string[] {
  return files
    .filter(({ path }) => !path.endsWith('.onnx'))
    .map(({ path, content }) => ({ target: join(out, name, path), content }))
    .filter(({ target, content }) => !isCurrent(target, content))
    .map(({ target }) => target);
}

/** Folders of generated models that no spec declares any more. */
export function orphanedModels(out: string, names: ReadonlySet<string>): string[] {
  if (!existsSync(out)) return [];
  return readdirSync(out, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() && !names.has(entry.name) && existsSync(join(out, entry.name, 'spec.json')),
    )
    .map((entry) => join(out, entry.name));
}
