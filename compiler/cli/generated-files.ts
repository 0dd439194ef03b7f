import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { GeneratedModel } from '../compile-model.ts';
import { isCurrent, replaceGenerated } from './replace-file.ts';

/**
 * Writes what is new or different into the model's folder; each file is replaced whole or not at all. Returns the paths that
 * changed. Throws a `SourceError` that names the file and the cause.
 */
export function writeGenerated(out: string, { name, files }: GeneratedModel): string[] {
  const written: string[] = [];
  for (const { path, content } of files) {
    const target = join(out, name, path);
    if (isCurrent(target, content)) continue;
    replaceGenerated(target, content);
    written.push(target);
  }
  return written;
}

/** Files that are missing or differ. The .onnx files, which are not kept under version control, do not count. */
export function staleFiles(out: string, { name, files }: GeneratedModel): string[] {
  return files
    .filter(({ path }) => !path.endsWith('.onnx'))
    .map(({ path, content }) => ({ target: join(out, name, path), content }))
    .filter(({ target, content }) => !isCurrent(target, content))
    .map(({ target }) => target);
}

/** Whether generated code in that folder finds the package that it imports. */
export function findsRuntime(out: string): boolean {
  try {
    createRequire(join(resolve(out), 'model.js')).resolve('mae-compiler/runtime');
    return true;
  } catch {
    return false;
  }
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
