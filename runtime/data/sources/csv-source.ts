import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { explainSystemError } from '../../files.ts';
import { UserError } from '../../user-error.ts';
import { labelsFromTexts } from '../labels.ts';
import { makeSource, type PictureSource } from '../source.ts';
import { partOf } from '../source-parts.ts';
import { splitNamed } from '../split.ts';
import { readClassList } from './class-list.ts';
import { type CsvRow, parseCsv } from './csv.ts';
import { readNpy } from './npy.ts';
import type { OpenedData, SourceKind } from './source-kind.ts';

/** A CSV file with the columns path, label (may be missing) and split (may be missing); relative paths begin at its folder. */
export const csvKind: SourceKind = {
  name: 'CSV file',
  recognises: (place) => place.type === 'file' && /\.csv$/i.test(place.path),
  async open({ path }, { channels }) {
    const rows = await readRows(path);
    const texts = rows.map(({ label }) => label);
    const files = rows.map((row) => resolve(dirname(path), row.path));
    const raw = files.every(isArray);
    const source = makeSource({
      kind: this.name,
      location: path,
      names: rows.map((row) => row.path),
      labels: labelsFromTexts({
        texts,
        listed: await readClassList(dirname(path)),
        where: (index) => `in line ${rows[index]?.line}`,
      }),
      content: raw ? 'raw' : 'encoded',
      identifiedBy: `\n${texts.join('\n')}`,
      locate: (index) => files[index] ?? '',
      read: async (index) => {
        const file = files[index] ?? '';
        return isArray(file) ? readNpy(file, channels) : file;
      },
    });
    return splitByColumn(source, rows);
  },
};

const isArray = (path: string): boolean => extname(path).toLowerCase() === '.npy';

interface Row {
  readonly line: number;
  readonly path: string;
  readonly label: string | undefined;
  readonly split: 'train' | 'validation' | undefined;
}

async function readRows(path: string): Promise<Row[]> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw explainSystemError('read', path, error);
  });
  const [header, ...rows] = parseCsv(text, path);
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const column = (name: string) => names.indexOf(name);
  if (column('path') < 0) {
    throw new UserError(
      `${path} has no column "path": its first line is ${header?.fields.join(',') ?? 'missing'}`,
      'the first line names the columns, separated by commas: path, and if you like label and split',
    );
  }
  if (rows.length === 0)
    throw new UserError(`${path} has no pictures: there is nothing below its first line`);
  return rows.map((row) => {
    if (row.fields.length !== names.length) {
      throw new UserError(
        `${path}, line ${row.line}: there are ${row.fields.length} fields where the first line has ${names.length}`,
        'a field with a comma in it stands in double quotes',
      );
    }
    const value = (name: string) => row.fields[column(name)] ?? '';
    if (value('path') === '') throw new UserError(`${path}, line ${row.line}: the path is empty`);
    return {
      line: row.line,
      path: value('path'),
      label: value('label') === '' ? undefined : value('label'),
      split: column('split') < 0 ? undefined : splitOf(value('split'), path, row),
    };
  });
}

function splitOf(word: string, path: string, { line }: CsvRow): 'train' | 'validation' {
  const split = splitNamed(word);
  if (split !== undefined) return split;
  throw new UserError(
    `${path}, line ${line}: the split is ${word === '' ? 'empty' : `"${word}"`}`,
    'write train, val (or valid, validation, dev) or test; or leave the whole column out',
  );
}

function splitByColumn(source: PictureSource, rows: readonly Row[]): OpenedData {
  const of = (split: Row['split']) => rows.flatMap((row, index) => (row.split === split ? [index] : []));
  const [train, validation] = [of('train'), of('validation')];
  if (validation.length === 0) return { train: source };
  if (train.length === 0) {
    throw new UserError(`${source.location} has no pictures for training: no split is "train"`);
  }
  return {
    train: partOf(source, train, 'train'),
    validation: partOf(source, validation, 'validation'),
  };
}
