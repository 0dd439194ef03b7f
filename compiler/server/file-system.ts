import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** What the server needs of the disk. Both functions answer for what cannot be read as for what is not there. */
export interface FileSystem {
  /** The text of a file, without a byte order mark (as an editor counts columns); undefined if it cannot be read. */
  read(file: string): string | undefined;
  /** What a folder holds, sorted; nothing if it cannot be read. */
  list(folder: string): readonly FolderEntry[];
}

/** A spec has a few kilobytes. What is larger than this is none, and reading it would hold up the editor. */
const largestFile = 8 * 2 ** 20;

export const diskFileSystem: FileSystem = {
  read(file) {
    if (!isAbsolute(file)) return undefined;
    try {
      // Devices and pipes are not read: they may never end.
      const status = statSync(file);
      if (!status.isFile() || status.size > largestFile) return undefined;
      return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    } catch {
      return undefined;
    }
  },

  list(folder) {
    if (!isAbsolute(folder)) return [];
    try {
      return readdirSync(folder, { withFileTypes: true })
        .flatMap((entry): FolderEntry[] => {
          const { name } = entry;
          if (entry.isDirectory()) return [{ name, kind: 'folder' }];
          // Links to folders are left out: they could lead in a circle.
          const isFile = entry.isFile() || (entry.isSymbolicLink() && isLinkToFile(join(folder, name)));
          return isFile ? [{ name, kind: 'file' }] : [];
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      return [];
    }
  },
};

function isLinkToFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
