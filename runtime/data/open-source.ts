import { readdir, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { explainSystemError } from '../files.ts';
import { UserError } from '../user-error.ts';
import { type FolderListing, listFolder, PICTURE_ENDINGS } from './folder.ts';
import type { PictureSource, Split } from './source.ts';
import { joined } from './source-parts.ts';
import { cifarKind } from './sources/cifar-source.ts';
import { csvKind } from './sources/csv-source.ts';
import { arrayFolderKind, pictureFolderKind } from './sources/folder-source.ts';
import { parquetKind } from './sources/parquet-source.ts';
import type { OpenedData, Place, SourceKind } from './sources/source-kind.ts';
import { splitFoldersKind } from './sources/split-folders.ts';
import { tarKind } from './sources/tar-source.ts';
import { drawnSplit } from './split.ts';

/** The ways to keep pictures, in the order in which they are tried. */
export const SOURCE_KINDS: readonly SourceKind[] = [
  csvKind,
  splitFoldersKind,
  cifarKind,
  tarKind,
  parquetKind,
  arrayFolderKind,
  pictureFolderKind,
];

export interface SourceOptions {
  /** `all` if left out. */
  readonly split?: Split;
  /** The share that is set aside where the data has no validation split of its own: 0.1 if left out. */
  readonly validation?: number;
  /** Which pictures these are; 0 if left out. */
  readonly seed?: number;
  /** Channels of the model: which axis of a raw picture they are may depend on it. */
  readonly channels?: number;
}

/**
 * Opens the pictures at a path, a folder or a file: what they are kept in is found out. See docs/data.md.
 *
 * @throws UserError for paths that lead nowhere or to no pictures, and for damaged archives and tables.
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<PictureSource> {
  const { split = 'all', validation = 0.1, seed = 0 } = options;
  const opened = await openSplits(path, options);
  if (split === 'all') return wholeOf(path, opened);
  if (opened.validation === undefined) return drawnSplit(opened.train, split, { share: validation, seed });
  return split === 'train' ? opened.train : opened.validation;
}

/** Opens what is at a path in the splits that it came in. @throws UserError as `openSource`. */
export function openSplits(
  path: string,
  { channels }: Pick<SourceOptions, 'channels'> = {},
): Promise<OpenedData> {
  return openAt(path, channels, SOURCE_KINDS);
}

async function openAt(
  path: string,
  channels: number | undefined,
  kinds: readonly SourceKind[],
): Promise<OpenedData> {
  const place = await placeAt(path);
  const below = kinds.filter((kind) => kind !== splitFoldersKind);
  for (const kind of kinds) {
    if (!(await kind.recognises(place))) continue;
    return kind.open(place, { channels, openAt: (inner) => openAt(inner, channels, below) });
  }
  throw unknownFile(path);
}

function wholeOf(path: string, { train, validation }: OpenedData): PictureSource {
  if (validation === undefined) return train;
  return joined(path, [
    { name: 'train', source: train },
    { name: 'validation', source: validation },
  ]);
}

async function placeAt(path: string): Promise<Place> {
  try {
    if (!(await stat(path)).isDirectory()) return { type: 'file', path };
    const entries = (await readdir(path, { withFileTypes: true }))
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    let listing: Promise<FolderListing> | undefined;
    const pictures = () => {
      listing ??= listFolder(path);
      return listing;
    };
    return { type: 'folder', path, entries, pictures };
  } catch (error) {
    throw explainSystemError('read the pictures in', path, error);
  }
}

function unknownFile(path: string): UserError {
  const ending = extname(path).toLowerCase();
  if (['.zip', '.gz', '.xz', '.bz2', '.zst', '.7z', '.rar'].includes(ending)) {
    return new UserError(`${path} is a compressed archive`, 'unpack it, and give the folder that comes out');
  }
  if (PICTURE_ENDINGS.has(ending)) {
    return new UserError(`${path} is one picture`, 'give the folder that it is in');
  }
  return new UserError(
    `${path} is a file of no known kind`,
    'data is a folder of pictures, tar shards, Parquet files, CIFAR-10, or a .csv file with the column path',
  );
}
