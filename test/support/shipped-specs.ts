import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CompiledSources, compileSources } from '../../compiler/language/compile-sources.ts';
import { type Files, readerOf } from '../language/support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function specFiles(folder: string): [string, string][] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return specFiles(file);
    return entry.name.endsWith('.mae') ? [[file, readFileSync(path.join(root, file), 'utf8')]] : [];
  });
}

/** The .mae files of the project by path, such as spec/ablations/base.mae. */
export const shippedFiles: Files = Object.fromEntries(specFiles('spec').sort());

/** All of them compiled, with values of `--set`. */
export function compileShipped(overrides: readonly string[] = []): CompiledSources {
  return compileSources(Object.keys(shippedFiles), readerOf(shippedFiles), { overrides });
}
