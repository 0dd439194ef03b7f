import { join } from 'node:path';
import { listFolder, noPictures } from '../folder.ts';
import { type Labels, makeSource, type PictureSource } from '../source.ts';
import { readNpy } from './npy.ts';
import type { SourceKind } from './source-kind.ts';

/** Picture files in a folder, flat or in class folders. It recognises every folder: whatever else a folder can be comes first. */
export const pictureFolderKind: SourceKind = {
  name: 'folder of pictures',
  recognises: (place) => place.type === 'folder',
  async open(place) {
    const listing = place.type === 'folder' ? await place.pictures() : await listFolder(place.path);
    if (listing.paths.length === 0) throw noPictures(place.path, listing);
    const train = folderSource(this.name, place.path, listing.paths, {
      labels: labelsOfFolders(listing.paths, listing.subfolders),
      content: 'encoded',
      read: async (path) => path,
    });
    return { train };
  },
};

/** Arrays that NumPy saved, one picture each, for models of any number of channels. */
export const arrayFolderKind: SourceKind = {
  name: 'folder of NumPy arrays',
  async recognises(place) {
    if (place.type !== 'folder' || (await place.pictures()).paths.length > 0) return false;
    return ((await place.pictures()).others.get('.npy') ?? 0) > 0;
  },
  async open({ path }, { channels }) {
    const { paths, subfolders } = await listFolder(path, new Set(['.npy']));
    const train = folderSource(this.name, path, paths, {
      labels: labelsOfFolders(paths, subfolders),
      content: 'raw',
      read: (file) => readNpy(file, channels),
    });
    return { train };
  },
};

interface FolderParts extends Pick<PictureSource, 'content'> {
  readonly labels: Labels;
  readonly read: (path: string) => ReturnType<PictureSource['read']>;
}

function folderSource(
  kind: string,
  directory: string,
  paths: readonly string[],
  { labels, content, read }: FolderParts,
): PictureSource {
  const locate = (index: number) => join(directory, paths[index] ?? '');
  return makeSource({
    kind,
    location: directory,
    names: paths,
    labels,
    content,
    locate,
    read: async (index) => read(locate(index)),
  });
}

/** The picture files at these paths, in this order, without labels. */
export function fileSource(paths: readonly string[]): PictureSource {
  return folderSource('pictures', '', paths, {
    labels: { missing: 'has no labels' },
    content: 'encoded',
    read: async (path) => path,
  });
}

/**
 * Labels from the folders that stand side by side in a folder; each of them is a class, pictures or not, in the order of the UTF-16
 * units of their names.
 */
export function labelsOfFolders(paths: readonly string[], subfolders: readonly string[]): Labels {
  const loose = paths.filter((path) => !path.includes('/')).length;
  if (loose === paths.length) return { missing: 'has no labels: its pictures are not in class folders' };
  if (loose > 0) {
    return { missing: `has no labels: ${loose} of its ${paths.length} pictures are not in class folders` };
  }
  const places = new Map(subfolders.map((name, place) => [name, place]));
  return {
    classes: subfolders,
    of: Int32Array.from(paths, (path) => places.get(path.slice(0, path.indexOf('/'))) ?? 0),
  };
}
