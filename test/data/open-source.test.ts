import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelled, labelledForTraining } from '../../runtime/data/labels.ts';
import { openSource, openSplits, SOURCE_KINDS } from '../../runtime/data/open-source.ts';
import { Pictures, readForEvaluation } from '../../runtime/data/pictures.ts';
import { labelsOf, type PictureSource } from '../../runtime/data/source.ts';
import { fileSource } from '../../runtime/data/sources/folder-source.ts';
import { stratifiedSplit } from '../../runtime/data/split.ts';
import { Random } from '../../runtime/random.ts';
import { dataIdentity } from '../../runtime/train/data-identity.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder } from './scratch-folder.ts';
import { cifarFile, fixture, pngOf, tarOf } from './sources/source-files.ts';

const namesOf = (source: PictureSource) =>
  Array.from({ length: source.count }, (_, index) => source.name(index));
const labels = (source: PictureSource) => [...labelsOf(source, [...Array(source.count).keys()])];

/** Empty files, enough where nothing is decoded. */
const named = (...names: string[]) => scratchFolder(Object.fromEntries(names.map((name) => [name, ''])));

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => error.message,
  );

describe('every kind of source', () => {
  const places: Record<string, () => Promise<string>> = {
    'CSV file': async () => join(await scratchFolder({ 'a.csv': 'path\nx.png\n' }), 'a.csv'),
    'train and validation folders': () =>
      named('train/a/1.png', 'train/b/2.png', 'val/a/3.png', 'val/b/4.png'),
    'CIFAR-10': () => scratchFolder({ 'data_batch_1.bin': cifarFile([1, 2]) }),
    'tar shards': async () => scratchFolder({ 'a.tar': tarOf({ 'a.png': await pngOf(1) }) }),
    'Parquet files': async () => fixture('plain.parquet'),
    'folder of NumPy arrays': () => named('a.npy'),
    'folder of pictures': () => named('a.png'),
  };

  it.each(SOURCE_KINDS.map((kind) => [kind.name, kind] as const))('%s is recognised', async (name, kind) => {
    const source = await openSource((await places[name]?.()) ?? '');
    // Folders with splits hold one of the others.
    expect(source.kind).toBe(name === 'train and validation folders' ? 'folder of pictures' : kind.name);
    expect(source.count).toBeGreaterThan(0);
    expect(namesOf(source).every((each) => each !== '')).toBe(true);
  });
});

describe('a folder of pictures', () => {
  it('has the order and the identity that runs of earlier versions recorded', async () => {
    const source = await openSource(await named('b/2.png', 'a/1.png', 'b/10.png'));
    expect(namesOf(source)).toEqual(['a/1.png', 'b/10.png', 'b/2.png']);
    const hash = createHash('sha256').update('a/1.png\nb/10.png\nb/2.png').digest();
    expect(source.identity).toBe(Number.parseInt(hash.toString('hex').slice(0, 12), 16));
    expect(source.order(5, 3)).toEqual(Random.from('order of pictures', 5, 3).permutation(3));
    expect(dataIdentity(source, { steps: 4, stepsPerEpoch: 2, epochs: 2 })).toEqual({
      pictures: 3,
      pictureNames: source.identity,
      stepsPerEpoch: 2,
    });
  });

  it('has the folders in it for classes', async () => {
    const source = await openSource(await named('dog/deep/1.png', 'cat/2.png', 'cat/3.png'));
    expect(source.classes).toEqual(['cat', 'dog']);
    expect(labels(source)).toEqual([0, 0, 1]);
    expect(labelledForTraining(source).classes).toHaveLength(2);
  });

  it('has no labels when pictures are outside class folders', async () => {
    const flat = await named('1.png', '2.png');
    const flatSource = await openSource(flat);
    expect([flatSource.classes, flatSource.label(0)]).toEqual([undefined, undefined]);
    expect(() => labelled(flatSource)).toThrow(
      `${flat} has no labels: its pictures are not in class folders`,
    );
    const mixed = await openSource(await named('1.png', 'cat/2.png'));
    expect(() => labelled(mixed)).toThrow('has no labels: 1 of its 2 pictures are not in class folders');
  });

  it('with one class, or with an empty one, cannot train a classifier', async () => {
    const one = await openSource(await named('cat/1.png'));
    expect(() => labelledForTraining(one)).toThrow(UserError);
    expect(() => labelledForTraining(one)).toThrow('has one class only, cat');
    const folder = await named('cat/1.png', 'dog/2.png', 'emu/notes.txt');
    await mkdir(join(folder, 'fox'));
    const empty = await openSource(folder);
    expect(() => labelledForTraining(empty)).toThrow(`${folder} has 2 classes without pictures: emu, fox`);
    expect(labelled(empty).count).toBe(2);
  });
});

describe('folders for training and validation', () => {
  it.each(['val', 'valid', 'validation', 'test', 'Val'])('beside train there is %s', async (name) => {
    const folder = await named('train/a/1.png', 'train/b/2.png', `${name}/a/3.png`, `${name}/b/4.png`);
    const train = await openSource(folder, { split: 'train' });
    const validation = await openSource(folder, { split: 'validation' });
    expect(namesOf(train)).toEqual(['a/1.png', 'b/2.png']);
    expect([validation.location, labels(validation)]).toEqual([join(folder, name), [0, 1]]);
    const all = await openSource(folder);
    expect(namesOf(all)).toEqual([
      'train/a/1.png',
      'train/b/2.png',
      'validation/a/3.png',
      'validation/b/4.png',
    ]);
    expect(labels(all)).toEqual([0, 1, 0, 1]);
    expect([...all.order(1, 1)].sort()).toEqual([0, 1, 2, 3]);
  });

  it('test data is not for validation where there is something better', async () => {
    const folder = await named('train/a/1.png', 'val/a/2.png', 'test/a/3.png');
    expect((await openSource(folder, { split: 'validation' })).location).toBe(join(folder, 'val'));
  });

  it('with different classes say which when labels are needed', async () => {
    const folder = await named('train/a/1.png', 'train/b/2.png', 'val/a/3.png', 'val/c/4.png');
    const train = await openSource(folder, { split: 'train' });
    expect(train.count).toBe(2);
    expect(() => labelled(train)).toThrow(
      `${join(folder, 'train')} and ${join(folder, 'val')} have different classes: only the former has b; only the latter has c`,
    );
  });

  it('may each be of any kind', async () => {
    const png = await pngOf(1);
    const folder = await scratchFolder({
      'train/0.tar': tarOf({ '1.png': png, '1.cls': '0', '2.png': png, '2.cls': '1' }),
      'val/0.tar': tarOf({ '1.png': png, '1.cls': '0' }),
    });
    const { train, validation } = await openSplits(folder);
    expect([train.kind, train.count, validation?.count]).toEqual(['tar shards', 2, 1]);
    expect(validation?.classes).toEqual(['0', '1']);
  });
});

describe('a drawn split', () => {
  const classes = { a: 40, b: 20, c: 3, d: 1 };
  const files = Object.entries(classes).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, i) => `${name}/${i}.png`),
  );

  it('takes its share of each class, one at least, never the last', async () => {
    const folder = await named(...files);
    const train = await openSource(folder, { split: 'train', validation: 0.1 });
    const validation = await openSource(folder, { split: 'validation', validation: 0.1 });
    const perClass = [0, 1, 2, 3].map((label) => labels(validation).filter((each) => each === label).length);
    expect(perClass).toEqual([4, 2, 1, 0]);
    expect([...namesOf(train), ...namesOf(validation)].sort()).toEqual([...files].sort());
    expect([...train.order(1, 2)].sort((a, b) => a - b)).toEqual([...Array(train.count).keys()]);
    expect(train.location).toBe(`${folder} (train)`);
  });

  it('follows from the seed and the names: others stay where they are when a picture is added', async () => {
    const [before, after] = [
      await openSource(await named(...files)),
      await openSource(await named(...files, 'a/new.png')),
    ];
    const chosen = (source: PictureSource, seed: number) =>
      stratifiedSplit(source, { share: 0.1, seed }).validation.map((index) => source.name(index));
    expect(chosen(before, 3)).toEqual(chosen(before, 3));
    expect(chosen(before, 4)).not.toEqual(chosen(before, 3));
    const moved = chosen(before, 3).filter((name) => !chosen(after, 3).includes(name));
    expect(moved.length).toBeLessThanOrEqual(1);
  });

  it('without a share leaves all for training, and none for validation', async () => {
    const folder = await named('1.png', '2.png');
    expect((await openSource(folder, { split: 'train', validation: 0 })).location).toBe(folder);
    expect(await messageOf(openSource(folder, { split: 'validation', validation: 0 }))).toBe(
      `${folder} has no pictures for validation`,
    );
    const one = await named('1.png');
    expect(await messageOf(openSource(one, { split: 'validation' }))).toContain('no pictures for validation');
  });
});

describe('CIFAR-10', () => {
  const files = {
    'data_batch_1.bin': cifarFile([6, 9]),
    'data_batch_2.bin': cifarFile([1]),
    'test_batch.bin': cifarFile([3]),
    'batches.meta.txt': 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n',
  };

  it('has its batches, its test batch and its classes', async () => {
    const folder = await scratchFolder(files);
    const train = await openSource(folder, { split: 'train' });
    const validation = await openSource(folder, { split: 'validation' });
    expect([labels(train), labels(validation)]).toEqual([[6, 9, 1], [3]]);
    expect(train.classes?.[9]).toBe('truck');
    expect(namesOf(train)).toEqual(['data_batch_1.bin#0', 'data_batch_1.bin#1', 'data_batch_2.bin#0']);
    expect(await train.read(1)).toEqual({
      height: 32,
      width: 32,
      channels: 3,
      data: Uint8Array.from({ length: 3072 }, (_, i) => [181, 101, 200][i % 3] ?? 0),
    });
  });

  it('is read as colours or as grey', async () => {
    const source = await openSource(await scratchFolder(files), { split: 'train' });
    const image = { height: 32, width: 32, channels: 3, mean: [0, 0, 0], deviation: [1, 1, 1] };
    const { images } = await readForEvaluation(new Pictures({ source, image }), [0]);
    expect([images[5], images[1024 + 5], images[2048 + 5]]).toEqual(
      [120, 100, 200].map((b) => Math.fround(b / 255)),
    );
    const grey = { ...image, channels: 1 };
    const read = await readForEvaluation(new Pictures({ source, image: grey }), [0]);
    expect(read.images).toHaveLength(1024);
    expect(Math.round((read.images[7] ?? 0) * 255)).toBeGreaterThan(100);
    expect(Math.round((read.images[7] ?? 0) * 255)).toBeLessThan(125);
  });

  it('that is cut short, or something else, is an error', async () => {
    const short = await scratchFolder({ 'data_batch_1.bin': cifarFile([6, 9]).subarray(0, 5000) });
    expect(await messageOf(openSource(short))).toBe(
      `${join(short, 'data_batch_1.bin')} is cut short: it has 5000 bytes, and records take 3073 bytes each`,
    );
    const other = await scratchFolder({ 'data_batch_1.bin': cifarFile([6, 77]) });
    expect(await messageOf(openSource(other))).toContain('picture 1: the label is 77');
  });
});

describe('what cannot be opened', () => {
  it('says why and what would be right', async () => {
    const folder = await scratchFolder({ 'a.zip': '', 'b.png': '', 'c.xyz': '', 'empty/notes.txt': '' });
    const at = (name: string) => join(folder, name);
    expect(await messageOf(openSource(at('a.zip')))).toBe(`${at('a.zip')} is a compressed archive`);
    expect(await messageOf(openSource(at('b.png')))).toBe(`${at('b.png')} is one picture`);
    expect(await messageOf(openSource(at('c.xyz')))).toBe(`${at('c.xyz')} is a file of no known kind`);
    expect(await messageOf(openSource(at('empty')))).toBe(
      `no pictures in ${at('empty')}: it holds other files: 1 with .txt`,
    );
    expect(await messageOf(openSource(at('none')))).toBe(
      `cannot read the pictures in ${at('none')}: no such file or folder`,
    );
  });
});

it('a picture that stands in for a broken one brings its own label', async () => {
  const folder = await scratchFolder({ 'a/1.png': 'broken', 'b/2.png': await pngOf(2) });
  const source = await openSource(folder);
  const image = { height: 4, width: 4, channels: 3, mean: [0, 0, 0], deviation: [1, 1, 1] };
  const { indices } = await readForEvaluation(new Pictures({ source, image }), [0, 1]);
  expect([...labelsOf(source, indices)]).toEqual([1, 1]);
  expect([...labelsOf(fileSource(['a.png']), [0])]).toEqual([-1]);
});
