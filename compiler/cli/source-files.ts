import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import type { SourceReader } from '../language/compile-sources.ts';

/** What is wrong with the paths that the user gave. */
export class SourceError extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.name = 'SourceError';
    this.help = help;
  }
}

const named = (path: string) => normalize(path).split(sep).join('/');

/** The .mae files that are named or lie in the named folders, at any depth, sorted within each. */
export function findSources(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const files = isFolder(path) ? filesBelow(path) : [path];
    if (files.length === 0) {
      throw new SourceError(`there are no .mae files in ${path}`, 'put a spec there, such as vit-tiny.mae');
    }
    for (const file of files) found.add(named(file));
  }
  return [...found];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new SourceError(
      `cannot read ${path}: ${reason(error)}`,
      'name a .mae file, or a folder of them, such as spec/',
    );
  }
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
      const path = join(folder, entry.name);
      // Links to folders are not followed: they could lead in a circle.
      if (entry.isDirectory())
        return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : filesBelow(path);
      return entry.name.endsWith('.mae') ? [path] : [];
    });
  } catch (error) {
    throw new SourceError(`cannot read the folder ${folder}: ${reason(error)}`, 'check its permissions');
  }
}

/** Reads specs from the file system; imports are relative to the importing file. */
export const fileReader: SourceReader = {
  read(file) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  },
  resolve: (from, specifier) => named(join(dirname(from), specifier)),
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  ELOOP: 'its links lead in a circle',
};

/** A system error in words. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}
