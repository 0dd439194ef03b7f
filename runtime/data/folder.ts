import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { explainSystemError } from '../files.ts';
import { UserError } from '../user-error.ts';

/** Endings of the picture files that are read, lower case. */
export const PICTURE_ENDINGS: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.jfif',
  '.png',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
]);

/** The pictures of a folder and of all folders in it. */
export interface PictureFolder {
  readonly directory: string;
  /** Paths below `directory`, with "/" between the parts, in an order that depends on the names alone. */
  readonly paths: readonly string[];
}

/**
 * Lists a folder of pictures, flat or in class folders of any depth. Names that begin with a dot are passed over; links are
 * followed, each folder being visited once, whatever leads to it. No picture is opened.
 *
 * @throws UserError when the folder, or one in it, is missing, is no folder or may not be read; when it has no picture.
 */
export async function openPictureFolder(directory: string): Promise<PictureFolder> {
  const listing = await listFolder(directory);
  if (listing.paths.length === 0) throw noPictures(directory, listing);
  return { directory, paths: listing.paths };
}

/** What a folder and all folders in it hold. */
export interface FolderListing {
  /** As in `PictureFolder`. */
  readonly paths: readonly string[];
  /** Names of the folders in the folder itself, in order. */
  readonly subfolders: readonly string[];
  /** How many files of each other ending were seen. */
  readonly others: ReadonlyMap<string, number>;
  /** How many folders there are, itself included. */
  readonly folders: number;
}

/**
 * `openPictureFolder` of files with these endings, of which there may be none.
 *
 * @throws UserError when the folder, or one in it, is missing, is no folder or may not be read.
 */
export async function listFolder(
  directory: string,
  endings: ReadonlySet<string> = PICTURE_ENDINGS,
): Promise<FolderListing> {
  const listing: Listing = {
    endings,
    paths: [],
    subfolders: [],
    others: new Map(),
    visited: new Set(),
    folders: 0,
  };
  await list(directory, '', listing);
  return listing;
}

interface Listing {
  readonly endings: ReadonlySet<string>;
  readonly paths: string[];
  readonly subfolders: string[];
  readonly others: Map<string, number>;
  /** Real paths of the folders seen. */
  readonly visited: Set<string>;
  folders: number;
}

async function list(directory: string, prefix: string, listing: Listing): Promise<void> {
  const folder = join(directory, prefix);
  const entries = await readFolder(folder, listing);
  const folders: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = prefix + entry.name;
    const kind = await kindOf(entry, join(directory, path));
    if (kind === 'folder') folders.push(`${path}/`);
    else if (listing.endings.has(extname(entry.name).toLowerCase())) listing.paths.push(path);
    else if (kind === 'file') countOther(extname(entry.name).toLowerCase(), listing);
  }
  if (prefix === '') listing.subfolders.push(...folders.map((path) => path.slice(0, -1)));
  for (const path of folders) await list(directory, path, listing);
}

/** A folder's entries by name, in the order of their UTF-16 units, which no locale changes; none if it was seen before. */
async function readFolder(folder: string, listing: Listing): Promise<Dirent[]> {
  try {
    const real = await realpath(folder);
    if (listing.visited.has(real)) return [];
    listing.visited.add(real);
    listing.folders++;
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw explainSystemError('read the pictures in', folder, error);
  }
}

/** A link that leads nowhere counts as a file: if its name is a picture's, it is reported with the undecodable ones. */
async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  const target: Dirent | Stats | undefined = entry.isSymbolicLink()
    ? await stat(path).catch(() => undefined)
    : entry;
  if (target === undefined || target.isFile()) return 'file';
  return target.isDirectory() ? 'folder' : 'other';
}

function countOther(ending: string, listing: Listing): void {
  const name = ending === '' ? 'no ending' : ending;
  listing.others.set(name, (listing.others.get(name) ?? 0) + 1);
}

/** Says what a folder without pictures holds instead. */
export function noPictures(directory: string, listing: FolderListing): UserError {
  const where = listing.folders === 1 ? '' : ` or the ${listing.folders - 1} folders in it`;
  const others = [...listing.others].map(([ending, count]) => `${count} with ${ending}`).join(', ');
  const found = others === '' ? 'it holds no files at all' : `it holds other files: ${others}`;
  const endings = [...PICTURE_ENDINGS].map((ending) => ending.slice(1)).join(', ');
  return new UserError(
    `no pictures in ${directory}${where}: ${found}`,
    `pictures are files that end in ${endings}`,
  );
}
