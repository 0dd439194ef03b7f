import { rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { type ChunkWriter, explainSystemError, writeAtomically, writeFileAtomically } from '../files.ts';
import { UserError } from '../user-error.ts';
import { writeBlocks, writeNpy } from '../weights/npy.ts';
import { formatNpyHeader } from '../weights/npy-header.ts';
import { formatHeader } from '../weights/safetensors-header.ts';

/** What a model makes of pictures: a row of numbers for each. */
export interface FeatureTable {
  readonly rows: number;
  readonly width: number;
  /** The rows in order, in pieces. Each is written before the next one is asked for, so only one is in memory. */
  readonly blocks: Iterable<Float32Array> | AsyncIterable<Float32Array>;
  /** [rows]: the class of each picture. The array may be filled while the rows are made. */
  readonly labels?: Int32Array;
  /** [rows]: what each picture is called, known before the first row is made. */
  readonly names?: readonly string[];
  /** What the labels stand for. */
  readonly classNames?: readonly string[];
  /** Where the features come from: model, checkpoint. Kept by safetensors files only. */
  readonly metadata?: Readonly<Record<string, string>>;
}

type FeatureWriter = (path: string, table: FeatureTable) => Promise<readonly string[]>;

/** The formats, by the ending of the file's name. */
const FORMATS: ReadonlyMap<string, FeatureWriter> = new Map<string, FeatureWriter>([
  ['.safetensors', writeFeatureTensors],
  ['.npy', writeFeatureArrays],
]);

/**
 * Writes features in the format that the path's ending names, and returns the paths of the files:
 *
 * - `.safetensors`: tensors `features` [rows, width] float32 and `labels` [rows] int32; in the metadata `names` and
 *   `class_names` as JSON lists;
 * - `.npy`: the features alone; beside them `.labels.npy` (int32), `.names.txt` and `.classes.txt` (a name a line). Of
 *   these, files of older features that the new ones have none of are removed, since they would not belong to them.
 *
 * Each file is written atomically; the files beside a `.npy` come when its rows are written, just before it appears.
 *
 * @throws UserError for another ending, when a name has a line break that a text file cannot hold, and as `writeAtomically`.
 * @throws RangeError when blocks, labels or names do not fit the number of rows.
 */
export async function writeFeatures(path: string, table: FeatureTable): Promise<readonly string[]> {
  const write = featureWriter(path);
  for (const [what, list] of Object.entries({ labels: table.labels, names: table.names })) {
    if (list !== undefined && list.length !== table.rows) {
      throw new RangeError(`${list.length} ${what} for ${table.rows} rows of features`);
    }
  }
  return write(path, table);
}

/** Says whether features can be written to a path of this ending, before any are made. @throws UserError if not. */
export function checkFeaturePath(path: string): void {
  featureWriter(path);
}

function featureWriter(path: string): FeatureWriter {
  const ending = extname(path);
  const writer = FORMATS.get(ending.toLowerCase());
  if (writer !== undefined) return writer;
  throw new UserError(
    `features cannot be written to ${path}: ${ending === '' ? 'its name has no ending' : `its ending is ${ending}`}`,
    `choose a name that ends in ${[...FORMATS.keys()].join(' or ')}`,
  );
}

async function writeFeatureTensors(path: string, table: FeatureTable): Promise<readonly string[]> {
  const { rows, width, blocks, labels, names, classNames, metadata = {} } = table;
  const tensors = [
    { name: 'features', shape: [rows, width] },
    ...(labels === undefined ? [] : [{ name: 'labels', shape: [rows], typeName: 'I32' as const }]),
  ];
  const header = formatHeader(tensors, {
    ...metadata,
    ...(names === undefined ? {} : { names: JSON.stringify(names) }),
    ...(classNames === undefined ? {} : { class_names: JSON.stringify(classNames) }),
  });
  await writeAtomically(path, async (write) => {
    await write(header);
    await writeBlocks({ type: 'float32', shape: [rows, width], blocks }, write);
    if (labels !== undefined) await writeBlocks({ type: 'int32', shape: [rows], blocks: [labels] }, write);
  });
  return [path];
}

async function writeFeatureArrays(path: string, table: FeatureTable): Promise<readonly string[]> {
  const { rows, width, blocks, labels, names, classNames } = table;
  const beside = path.slice(0, -extname(path).length);
  const labelsPath = `${beside}.labels.npy`;
  const lists = [
    { path: `${beside}.names.txt`, lines: names },
    { path: `${beside}.classes.txt`, lines: classNames },
  ];
  for (const { lines } of lists) refuseLineBreaks(path, lines);
  await writeAtomically(path, async (write: ChunkWriter) => {
    await write(formatNpyHeader('float32', [rows, width]));
    await writeBlocks({ type: 'float32', shape: [rows, width], blocks }, write);
    await (labels === undefined
      ? remove(labelsPath)
      : writeNpy(labelsPath, { type: 'int32', shape: [rows], blocks: [labels] }));
    for (const { path: list, lines } of lists) {
      await (lines === undefined
        ? remove(list)
        : writeFileAtomically(list, lines.map((line) => `${line}\n`).join('')));
    }
  });
  return [
    path,
    ...(labels === undefined ? [] : [labelsPath]),
    ...lists.filter(({ lines }) => lines !== undefined).map((list) => list.path),
  ];
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw explainSystemError('remove', path, error);
  });
}

function refuseLineBreaks(path: string, names: readonly string[] = []): void {
  const broken = names.find((name) => /[\r\n]/.test(name));
  if (broken === undefined) return;
  throw new UserError(
    `the name ${JSON.stringify(broken)} has a line break, which the list of names beside ${path} cannot hold`,
    'rename it, or choose a .safetensors file',
  );
}
