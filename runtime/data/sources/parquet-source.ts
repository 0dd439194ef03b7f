import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../user-error.ts';
import { labelsFromTexts } from '../labels.ts';
import { type Block, windowedOrder } from '../order.ts';
import { makeSource, type PictureSource } from '../source.ts';
import { BoundedCache } from './bounded-cache.ts';
import {
  loadParquet,
  openParquetFile,
  type ParquetFile,
  type ParquetLibrary,
  type RowGroup,
} from './parquet-file.ts';
import { filesEnding, type Place, type SourceKind } from './source-kind.ts';
import { openInSplits } from './tar-source.ts';

/**
 * Bytes of row groups that are kept. An epoch mixes the pictures of as many as take half of that, so that the next ones can be read while
 * these are still used.
 */
const KEPT_BYTES = 512 * 1024 * 1024;

/** Parquet files with a column of encoded pictures, in a folder or in data/ in it. */
export const parquetKind: SourceKind = {
  name: 'Parquet files',
  recognises: async (place) => (await parquetFiles(place)).length > 0,
  async open(place) {
    const library = await loadParquet();
    return openInSplits(await parquetFiles(place), place.path, (location, files) =>
      parquetSource(library, location, files),
    );
  },
};

async function parquetFiles(place: Place): Promise<string[]> {
  const own = filesEnding(place, /\.parquet$/i);
  if (own.length > 0 || place.type === 'file') return own;
  if (!place.entries.some((entry) => entry.name === 'data' && entry.isDirectory())) return [];
  const names = (await readdir(join(place.path, 'data'))).filter((name) => /\.parquet$/i.test(name));
  return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => join(place.path, 'data', name));
}

/** Where a picture's row is: `row` of `group`. */
interface RowPlace {
  readonly file: ParquetFile;
  readonly group: RowGroup;
  readonly row: number;
}

async function parquetSource(
  library: ParquetLibrary,
  location: string,
  paths: readonly string[],
): Promise<PictureSource> {
  const rows: RowPlace[] = [];
  const blocks: Block[] = [];
  const texts: (string | undefined)[] = [];
  const sizes: number[] = [];
  let largest = 1;
  let listed: readonly string[] | undefined;
  for (const path of paths) {
    const file = await openParquetFile(library, path);
    for (const group of file.groups) {
      blocks.push({ first: rows.length, count: group.count });
      for (let row = 0; row < group.count; row++) rows.push({ file, group, row });
      largest = Math.max(largest, group.bytes / Math.max(1, group.count));
    }
    for (const label of await readLabels(library, file)) texts.push(label);
    sizes.push(file.buffer.byteLength);
    listed ??= file.classes;
  }
  if (rows.length === 0) throw new UserError(`no pictures in ${location}: its tables have no rows`);
  const places = rows.map(({ file, group, row }) => ({ file: basename(file.path), row: group.first + row }));
  const read = rowReader(library);
  return makeSource({
    kind: parquetKind.name,
    location,
    names: places.map(({ file, row }) => `${file}#${row}`),
    labels: labelsFromTexts({
      texts,
      listed: listed && { classes: listed, where: `the classes in ${location}` },
      where: (index) => `in row ${places[index]?.row} of ${places[index]?.file}`,
    }),
    content: 'encoded',
    identifiedBy: `\n${sizes.join()}\n${texts.join('\n')}`,
    locate: (index) => `${rows[index]?.file.path}, row ${places[index]?.row}`,
    read: async (index) => {
      const place = rows[index];
      if (place === undefined) throw new RangeError(`there is no picture ${index}`);
      return read(place);
    },
    order: (seed, epoch) => windowedOrder(blocks, KEPT_BYTES / 2 / largest, seed, epoch),
  });
}

async function readLabels(library: ParquetLibrary, file: ParquetFile): Promise<(string | undefined)[]> {
  const { buffer, metadata, label, rows } = file;
  if (label === undefined) return new Array<undefined>(rows).fill(undefined);
  const { compressors } = library;
  const objects = await library
    .parquetReadObjects({ file: buffer, metadata, columns: [label], compressors })
    .catch((error: unknown) => {
      throw damaged(file, error);
    });
  return objects.map((object) => {
    const value: unknown = object[label];
    return value === undefined || value === null ? undefined : String(value);
  });
}

function damaged({ path }: ParquetFile, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`${path} cannot be read: ${reason}`, 'copy or download it again', { cause: error });
}

/** Reads the encoded picture of a row, and with it those of its row group, which are kept for a while. */
function rowReader(library: ParquetLibrary): (place: RowPlace) => Promise<Uint8Array> {
  const cache = new BoundedCache<RowGroup, readonly unknown[]>(KEPT_BYTES);
  const readGroup = async ({ buffer, metadata, image }: ParquetFile, { first, count }: RowGroup) => {
    const objects = await library.parquetReadObjects({
      file: buffer,
      metadata,
      columns: [image.column],
      rowStart: first,
      rowEnd: first + count,
      compressors: library.compressors,
      utf8: false,
    });
    return objects.map((object) => contentOf(object[image.column], image.isStruct));
  };
  return async ({ file, group, row }) => {
    const pictures = await cache.get(group, group.bytes, () => readGroup(file, group));
    const picture = pictures[row];
    if (picture instanceof Uint8Array && picture.length > 0) return picture;
    throw new UserError('the row holds no picture');
  };
}

function contentOf(value: unknown, isStruct: boolean): unknown {
  if (!isStruct) return value;
  return typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : undefined;
}
