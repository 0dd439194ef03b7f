import type { Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import type { FolderListing } from '../folder.ts';
import type { PictureSource } from '../source.ts';

/** What is at a path. */
export type Place =
  | { readonly type: 'file'; readonly path: string }
  | {
      readonly type: 'folder';
      readonly path: string;
      /** What the folder itself holds, in the order of the names, hidden ones left out. */
      readonly entries: readonly Dirent[];
      /** The picture files in it and all folders in it. */
      readonly pictures: () => Promise<FolderListing>;
    };

export interface OpenedData {
  readonly train: PictureSource;
  /** Pictures that the data itself sets aside; undefined when it came as one. */
  readonly validation?: PictureSource | undefined;
}

export interface KindOptions {
  /** Channels of the model, for raw pixels whose axes could be taken for one another. */
  readonly channels: number | undefined;
  /** Opens what is at a path below. */
  readonly openAt: (path: string) => Promise<OpenedData>;
}

/** A way to keep pictures. */
export interface SourceKind {
  readonly name: string;
  /** Whether this is what is at a place. Nothing is read that could be large. */
  recognises(place: Place): boolean | Promise<boolean>;
  /** @throws UserError for what is damaged or missing. */
  open(place: Place, options: KindOptions): Promise<OpenedData>;
}

/** The files in a folder whose names have this ending, in the order of their names; or the file itself. */
export function filesEnding(place: Place, ending: RegExp): string[] {
  if (place.type === 'file') return ending.test(basename(place.path)) ? [place.path] : [];
  return place.entries
    .filter((entry) => !entry.isDirectory() && ending.test(entry.name))
    .map(({ name }) => join(place.path, name));
}
