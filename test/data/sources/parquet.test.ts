import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../../runtime/data/open-source.ts';
import { labelsOf, type PictureSource } from '../../../runtime/data/source.ts';
import { BoundedCache } from '../../../runtime/data/sources/bounded-cache.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { fixture, recordedPixels } from './source-files.ts';

const TRAIN = 'train-00000-of-00001.parquet';
const VALIDATION = 'validation-00000-of-00001.parquet';

async function pixelsOf(source: PictureSource, index: number): Promise<number[]> {
  const content = await source.read(index);
  if (!(content instanceof Uint8Array)) return [];
  return [...(await sharp(content).raw().toBuffer())];
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => error.message,
  );

describe('Parquet files', () => {
  it('give pictures, labels and the names of classes, in the layout of Hugging Face data sets', async () => {
    const folder = await scratchFolder({ 'README.md': '' });
    await mkdir(join(folder, 'data'));
    for (const name of [TRAIN, VALIDATION]) await copyFile(fixture(name), join(folder, 'data', name));
    const train = await openSource(folder, { split: 'train' });
    const validation = await openSource(folder, { split: 'validation' });
    expect([train.count, validation.count]).toEqual([7, 3]);
    expect(train.classes).toEqual(['cat', 'dog', 'emu']);
    expect([...labelsOf(train, [0, 1, 2, 3, 6])]).toEqual([0, 1, 2, 0, 0]);
    expect([...labelsOf(validation, [0, 1, 2])]).toEqual([1, 2, 0]);
    for (const row of [6, 0, 4]) expect(await pixelsOf(train, row)).toEqual(recordedPixels(row));
    expect(await pixelsOf(validation, 2)).toEqual(recordedPixels(9));
    expect(train.locate(4)).toBe(`${join(folder, 'data', TRAIN)}, row 4`);
    expect((await openSource(folder)).count).toBe(10);
  });

  it('may have a plain column of bytes and texts for labels', async () => {
    const source = await openSource(fixture('plain.parquet'));
    expect(source.classes).toEqual(['cat', 'dog']);
    expect([...labelsOf(source, [0, 1, 2])]).toEqual([1, 0, 1]);
    expect(await pixelsOf(source, 2)).toEqual(recordedPixels(2));
  });

  it('without pictures, or cut short, are errors', async () => {
    expect(await messageOf(openSource(fixture('no-pictures.parquet')))).toBe(
      `${fixture('no-pictures.parquet')} has no column of pictures; its columns are text, n`,
    );
    const folder = await scratchFolder({});
    const path = join(folder, 'short.parquet');
    await writeFile(path, (await readFile(fixture(TRAIN))).subarray(0, 2000));
    expect(await messageOf(openSource(path))).toContain(`${path} is not a whole Parquet file`);
  });

  it('go through row groups together, each picture once an epoch', async () => {
    const source = await openSource(fixture(TRAIN));
    const order = source.order(1, 0);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(source.order(1, 0)).toEqual(order);
    expect(source.order(1, 1)).not.toEqual(order);
  });
});

describe('a bounded cache', () => {
  it('reads once what is asked for again, and drops what was used longest ago', async () => {
    const cache = new BoundedCache<string, string>(10);
    const reads: string[] = [];
    const get = (key: string, bytes = 4) =>
      cache.get(key, bytes, async () => {
        reads.push(key);
        return key;
      });
    await Promise.all([get('a'), get('a'), get('b')]);
    await get('a');
    await get('c');
    expect(reads).toEqual(['a', 'b', 'c']);
    expect(await Promise.all([get('a'), get('c'), get('b')])).toEqual(['a', 'c', 'b']);
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
    await get('large', 99);
    await get('large', 99);
    expect(reads.slice(4)).toEqual(['large']);
  });

  it('tries again after a failure', async () => {
    const cache = new BoundedCache<string, string>(10);
    await expect(cache.get('a', 4, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.get('a', 4, async () => 'yes')).toBe('yes');
  });
});
