import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { explainSystemError, writeFileAtomically } from '../../runtime/files.ts';
import { UserError } from '../../runtime/user-error.ts';
import { drawInThreads } from './draw-in-threads.ts';
import { fileName } from './draw-share.ts';
import { SUBJECTS } from './subjects.ts';

export interface PictureSet {
  /** Where the class folders go. */
  readonly directory: string;
  /** Pictures of each class. */
  readonly perClass: number;
  /** Height and width in pixels. */
  readonly size: number;
  readonly seed: number;
  /** Told after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The file beside the class folders that says what they hold. */
const MANIFEST = 'picture-set.json';

/** Changes whenever the same seed no longer gives the same pictures. */
const EDITION = 1;

const manifestSchema = z.object({
  edition: z.number(),
  perClass: z.number(),
  size: z.number(),
  seed: z.number(),
  complete: z.boolean(),
});

type Manifest = z.infer<typeof manifestSchema>;

/**
 * Draws a set of pictures into `directory`, `<class>/0001.jpg` onwards; the same seed gives the same files. A set that is there
 * already is left as it is; another set of this program is replaced; files of anyone else are neither changed nor removed.
 * Resolves to how many pictures were drawn.
 *
 * @throws UserError when a file cannot be written, or when one of another origin has the name of a picture.
 */
export async function drawPictureSet({
  directory,
  perClass,
  size,
  seed,
  onProgress,
}: PictureSet): Promise<number> {
  const wanted: Manifest = { edition: EDITION, perClass, size, seed, complete: true };
  const present = await readManifest(join(directory, MANIFEST));
  if (present !== undefined && isSame(present, wanted) && (await isWhole(directory, perClass))) return 0;
  if (present === undefined) await refuseForeign(directory, perClass);
  const writeManifest = (manifest: Manifest) =>
    writeFileAtomically(join(directory, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await writeManifest({ ...wanted, perClass: Math.max(perClass, present?.perClass ?? 0), complete: false });
  await removeBeyond(directory, perClass, present?.perClass ?? 0);
  await drawAll({ directory, perClass, size, seed, ...(onProgress === undefined ? {} : { onProgress }) });
  await writeManifest(wanted);
  return perClass * Object.keys(SUBJECTS).length;
}

async function drawAll({ directory, perClass, size, seed, onProgress }: PictureSet): Promise<void> {
  for (const name of Object.keys(SUBJECTS)) await makeFolder(join(directory, name));
  const total = perClass * Object.keys(SUBJECTS).length;
  let done = 0;
  await drawInThreads({ directory, perClass, size, seed }, () => onProgress?.(++done, total));
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw explainSystemError('make the folder', path, error);
  }
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    // Missing or damaged: no set is known to be here.
    return undefined;
  }
}

function isSame(a: Manifest, b: Manifest): boolean {
  const keys = ['edition', 'perClass', 'size', 'seed', 'complete'] as const;
  return keys.every((key) => a[key] === b[key]);
}

async function isWhole(directory: string, perClass: number): Promise<boolean> {
  for (const name of Object.keys(SUBJECTS)) {
    const present = new Set(await readdir(join(directory, name)).catch(() => []));
    for (let index = 1; index <= perClass; index++) if (!present.has(fileName(index))) return false;
  }
  return true;
}

/** Pictures of the set that was here before, where it was larger. */
async function removeBeyond(directory: string, perClass: number, before: number): Promise<void> {
  for (const name of Object.keys(SUBJECTS)) {
    for (let index = perClass + 1; index <= before; index++) {
      await rm(join(directory, name, fileName(index)), { force: true });
    }
  }
}

async function refuseForeign(directory: string, perClass: number): Promise<void> {
  for (const name of Object.keys(SUBJECTS)) {
    for (let index = 1; index <= perClass; index++) {
      const path = join(directory, name, fileName(index));
      const taken = await access(path).then(
        () => true,
        () => false,
      );
      if (taken) {
        throw new UserError(
          `${path} is in the way: it has the name of a picture to be drawn, but ${MANIFEST} does not say that it was`,
          'choose another folder, or remove the file if you do not need it',
        );
      }
    }
  }
}
