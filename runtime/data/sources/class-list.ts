import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainSystemError, isSystemError } from '../../files.ts';
import type { LabelTexts } from '../labels.ts';

const FILE = 'classes.txt';

/** The names of the classes in classes.txt in a folder, one a line; undefined if there is no such file. */
export async function readClassList(folder: string): Promise<LabelTexts['listed']> {
  const path = join(folder, FILE);
  try {
    const lines = (await readFile(path, 'utf8')).replace(/^\ufeff/, '').split(/\r?\n/);
    while (lines.at(-1)?.trim() === '') lines.pop();
    return { classes: lines.map((line) => line.trim()), where: path };
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw explainSystemError('read the classes in', path, error);
  }
}
