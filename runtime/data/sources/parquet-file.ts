import { stat } from 'node:fs/promises';
import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { explainSystemError } from '../../files.ts';
import { UserError } from '../../user-error.ts';
import type { Block } from '../order.ts';
import { readRange } from '../read-range.ts';

/** The libraries that read Parquet, loaded when a Parquet file is opened. */
export async function loadParquet() {
  const [{ parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  return { parquetMetadataAsync, parquetReadObjects, parquetSchema, compressors };
}

export type ParquetLibrary = Awaited<ReturnType<typeof loadParquet>>;

/** A row group: rows that are read together. */
export interface RowGroup extends Block {
  /** Bytes of the pictures when they are read. */
  readonly bytes: number;
}

export interface ParquetFile {
  readonly path: string;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly rows: number;
  /** The column with the encoded pictures, and whether they are in a struct {bytes, path}. */
  readonly image: { readonly column: string; readonly isStruct: boolean };
  readonly label: string | undefined;
  /** Names of the classes, if the file says them, as Hugging Face datasets do. */
  readonly classes: readonly string[] | undefined;
  readonly groups: readonly RowGroup[];
}

/** Row groups are read whole. */
const LARGEST_GROUP = 2 ** 30;

/** Names of columns, best first. */
const IMAGE_NAMES = ['image', 'img', 'picture', 'jpg', 'png', 'bytes'];
const LABEL_NAMES = ['label', 'labels', 'class', 'cls', 'target', 'fine_label'];

/** @throws UserError when it cannot be read, has no column of pictures, or has row groups that no memory holds. */
export async function openParquetFile(library: ParquetLibrary, path: string): Promise<ParquetFile> {
  const byteLength = await stat(path).then(
    ({ size }) => size,
    (error) => {
      throw explainSystemError('read', path, error);
    },
  );
  const buffer: AsyncBuffer = {
    byteLength,
    slice: async (start, end = byteLength) => {
      const from = start < 0 ? byteLength + start : start;
      const { buffer: bytes } = await readRange(path, from, Math.min(end, byteLength) - from);
      if (bytes instanceof ArrayBuffer) return bytes;
      throw new TypeError('shared memory is not expected here');
    },
  };
  const metadata = await library.parquetMetadataAsync(buffer).catch((error: unknown) => {
    throw new UserError(
      `${path} is not a whole Parquet file: ${error instanceof Error ? error.message : String(error)}`,
      'copy or download it again',
      { cause: error },
    );
  });
  const columns = library.parquetSchema(metadata).children;
  const image = imageColumn(columns, path);
  const groups = rowGroups(metadata, image.column, path);
  return {
    path,
    buffer,
    metadata,
    rows: Number(metadata.num_rows),
    image,
    label: firstNamed(
      columns.filter(({ children }) => children.length === 0).map(({ element }) => element.name),
      LABEL_NAMES,
    ),
    classes: classesIn(metadata),
    groups,
  };
}

function firstNamed(names: readonly string[], wanted: readonly string[]): string | undefined {
  for (const name of wanted) {
    const found = names.find((candidate) => candidate.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function imageColumn(columns: readonly SchemaTree[], path: string): ParquetFile['image'] {
  const candidates = columns.flatMap((column) => {
    const { name } = column.element;
    if (column.children.some(({ element }) => element.name === 'bytes' && isBinary(element))) {
      return [{ column: name, isStruct: true }];
    }
    return column.children.length === 0 && isBinary(column.element)
      ? [{ column: name, isStruct: false }]
      : [];
  });
  const best = firstNamed(
    candidates.map(({ column }) => column),
    IMAGE_NAMES,
  );
  const chosen =
    candidates.find(({ column }) => column === best) ??
    candidates.find(({ isStruct }) => isStruct) ??
    candidates[0];
  if (chosen !== undefined) return chosen;
  throw new UserError(
    `${path} has no column of pictures; its columns are ${columns.map(({ element }) => element.name).join(', ')}`,
    'pictures are a column of bytes, or of {bytes, path} as Hugging Face datasets write it, that hold whole JPEG, PNG or WebP files',
  );
}

function isBinary({ type, converted_type, logical_type }: SchemaTree['element']): boolean {
  return type === 'BYTE_ARRAY' && converted_type === undefined && logical_type === undefined;
}

function rowGroups(metadata: FileMetaData, column: string, path: string): RowGroup[] {
  let first = 0;
  return metadata.row_groups.map(({ num_rows, columns }) => {
    const bytes = columns
      .filter(({ meta_data }) => meta_data?.path_in_schema[0] === column)
      .reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
    if (bytes > LARGEST_GROUP) {
      throw new UserError(
        `${path} keeps ${Math.round(bytes / 1e6)} MB of pictures in one row group, which is read as a whole`,
        'write it again with smaller row groups, such as row_group_size=100 in pyarrow',
      );
    }
    const group = { first, count: Number(num_rows), bytes };
    first += group.count;
    return group;
  });
}

/** The names of a ClassLabel, which Hugging Face datasets keep in the file's metadata. */
function classesIn(metadata: FileMetaData): readonly string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return undefined;
  try {
    const described: unknown = JSON.parse(text);
    const features = property(property(described, 'info'), 'features');
    for (const name of LABEL_NAMES) {
      const names = property(property(features, name), 'names');
      if (Array.isArray(names) && names.every((each) => typeof each === 'string')) return names;
    }
  } catch {
    // Metadata that is damaged tells nothing; the pictures and labels do not depend on it.
  }
  return undefined;
}

function property(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
