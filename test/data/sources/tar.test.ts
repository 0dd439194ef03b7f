import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelled, labelledForTraining } from '../../../runtime/data/labels.ts';
import { openSource } from '../../../runtime/data/open-source.ts';
import { labelsOf, type PictureSource } from '../../../runtime/data/source.ts';
import { readTarMembers } from '../../../runtime/data/sources/tar.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { fixture, pngOf, readFixture, tarOf } from './source-files.ts';

const failure = (work: Promise<unknown>): Promise<Error & { help?: string }> =>
  work.then(
    () => expect.fail('it should have been an error'),
    (error) => error,
  );

const namesOf = (source: PictureSource) =>
  Array.from({ length: source.count }, (_, index) => source.name(index));

/** A shard of so many samples, their classes in turn. */
async function shard(first: number, count: number, classes = 2): Promise<Uint8Array> {
  const members: Record<string, string | Uint8Array> = {};
  for (let i = first; i < first + count; i++) {
    members[`${String(i).padStart(4, '0')}.png`] = await pngOf(i);
    members[`${String(i).padStart(4, '0')}.cls`] = String(i % classes);
  }
  return tarOf(members);
}

describe('the members of a tar archive', () => {
  it.each(['pax', 'gnu'])('are found with the long names of %s', async (form) => {
    const path = fixture(`${form}.tar`);
    const long = 'long'.repeat(30);
    const members = await readTarMembers(path);
    expect(members.map(({ name }) => name)).toEqual([`${long}/ä.png`, `${long}/ä.cls`, 'b.png', 'b.cls']);
    const bytes = Buffer.from(await readFixture(`${form}.tar`));
    const contents = members.map(({ offset, size }) => bytes.subarray(offset, offset + size));
    expect(contents.map((content) => content.toString('latin1').slice(1, 4))).toEqual(['PNG', '', 'PNG', '']);
    expect([String(contents[1]), String(contents[3])]).toEqual(['1', '0']);
  });

  it('need no empty blocks at the end', async () => {
    const whole = tarOf({ 'a.txt': 'x', 'b.txt': 'y'.repeat(700) });
    const folder = await scratchFolder({
      'a.tar': whole.subarray(0, -1024),
      'b.tar': whole.subarray(0, -1300),
    });
    for (const name of ['a.tar', 'b.tar']) {
      expect((await readTarMembers(join(folder, name))).map(({ size }) => size)).toEqual([1, 700]);
    }
  });

  it('that are cut short are an error which names the archive and the last whole member', async () => {
    const whole = tarOf({ 'a.txt': 'x', 'b.txt': 'y'.repeat(700) });
    const cases = { 'in-b.tar': 2000, 'in-header.tar': 1100, 'in-a.tar': 512, 'nothing.tar': 0 };
    const folder = await scratchFolder(
      Object.fromEntries(Object.entries(cases).map(([name, length]) => [name, whole.subarray(0, length)])),
    );
    const message = async (name: string) => (await failure(readTarMembers(join(folder, name)))).message;
    const at = (name: string) => join(folder, name);
    expect(await message('in-b.tar')).toBe(
      `${at('in-b.tar')} is cut short within b.txt, after 2000 bytes: the last whole member is a.txt`,
    );
    expect(await message('in-header.tar')).toBe(
      `${at('in-header.tar')} is cut short, after 1100 bytes: the last whole member is a.txt`,
    );
    expect(await message('in-a.tar')).toBe(
      `${at('in-a.tar')} is cut short within a.txt, after 512 bytes: it has no whole member`,
    );
    expect(await message('nothing.tar')).toContain('it has no whole member');
  });

  it('that are damaged, and files that are no archives, are errors', async () => {
    const broken = Buffer.from(tarOf({ 'a.txt': 'x', 'b.txt': 'y' }));
    broken[1024 + 3] = 77;
    const folder = await scratchFolder({ 'broken.tar': broken, 'not.tar': 'picture '.repeat(200) });
    expect(await failure(readTarMembers(join(folder, 'broken.tar')))).toHaveProperty(
      'message',
      `${join(folder, 'broken.tar')} is damaged: what follows the member a.txt is not a tar header`,
    );
    expect(await failure(readTarMembers(join(folder, 'not.tar')))).toHaveProperty(
      'message',
      `${join(folder, 'not.tar')} is not a tar archive`,
    );
  });
});

describe('tar shards', () => {
  it('give pictures and labels by what is before the first dot', async () => {
    const png = await pngOf(1);
    const folder = await scratchFolder({
      'shard-0.tar': tarOf({
        'x/1.jpg': png,
        'x/1.json': '{"label": 1, "caption": "a"}',
        'x/1.mask.png': png,
        'x/2.PNG': png,
        'x/2.cls': ' 0\n',
        '._x.png': png,
      }),
      'shard-1.tar': tarOf({ 'x/1.txt': '2', 'x/1.webp': png, 'only.txt': '7' }),
    });
    const source = await openSource(folder);
    expect(source.kind).toBe('tar shards');
    expect(namesOf(source)).toEqual(['shard-0.tar/x/1.jpg', 'shard-0.tar/x/2.PNG', 'shard-1.tar/x/1.webp']);
    expect([...labelsOf(source, [0, 1, 2])]).toEqual([1, 0, 2]);
    expect(source.classes).toEqual(['0', '1', '2']);
    expect(await source.read(2)).toEqual(new Uint8Array(png));
    expect(source.locate(2)).toBe(`${join(folder, 'shard-1.tar')}: x/1.webp`);
    expect((await openSource(join(folder, 'shard-1.tar'))).count).toBe(1);
  });

  it('have the splits that their names begin with', async () => {
    const folder = await scratchFolder({
      'train-0.tar': await shard(0, 3, 3),
      'train-1.tar': await shard(3, 2),
      'val-0.tar': await shard(5, 2),
    });
    const [train, validation, all] = await Promise.all(
      (['train', 'validation', 'all'] as const).map((split) => openSource(folder, { split })),
    );
    expect([train?.count, validation?.count, all?.count]).toEqual([5, 2, 7]);
    // Class 2 does not occur in validation: the numbers mean the same all the same.
    expect([train?.classes, validation?.classes]).toEqual([
      ['0', '1', '2'],
      ['0', '1', '2'],
    ]);
    expect(all?.name(5)).toBe('validation/val-0.tar/0005.png');
  });

  it('are compared with the list of classes', async () => {
    const png = await pngOf(1);
    const folder = await scratchFolder({
      'a.tar': tarOf({ '1.png': png, '1.cls': '0', '2.png': png, '2.cls': '2' }),
      'classes.txt': 'cat\ndog\n',
    });
    const source = await openSource(folder);
    expect(source.classes).toBeUndefined();
    expect(() => labelled(source)).toThrow(
      `${folder} has the label 2 (of 2.png in ${join(folder, 'a.tar')}) that is not in ${join(folder, 'classes.txt')}, which has 2, numbered from 0`,
    );
    await writeFile(join(folder, 'classes.txt'), 'cat\r\ndog\r\nemu');
    const named = await openSource(folder);
    expect(named.classes).toEqual(['cat', 'dog', 'emu']);
    expect(() => labelledForTraining(named)).toThrow(`${folder} has a class without pictures: dog`);
  });

  it('that are compressed are refused with what to do', async () => {
    const folder = await scratchFolder({ 'a.tar.gz': 'x' });
    const error = await failure(openSource(folder));
    expect(error.message).toBe(
      `${join(folder, 'a.tar.gz')} is compressed: pictures in it cannot be read one by one`,
    );
    expect(error.help).toContain('gunzip a.tar.gz');
    expect((await failure(openSource(join(folder, 'a.tar.gz')))).message).toBe(error.message);
  });

  it('without pictures say what there is instead', async () => {
    const folder = await scratchFolder({ 'a.tar': tarOf({ '1.mp4': 'x', '1.cls': '0' }) });
    expect((await failure(openSource(folder))).message).toBe(
      `no pictures in ${folder}: there are members that end in .mp4, .cls`,
    );
  });

  it('do not hide the pictures beside them', async () => {
    const folder = await scratchFolder({ 'a.tar': 'x', 'cats/1.png': await pngOf(1) });
    expect((await openSource(folder)).kind).toBe('folder of pictures');
  });

  it('are read in bounded numbers of open files', async () => {
    const folder = await scratchFolder({ 'a.tar': await shard(0, 40), 'b.tar': await shard(40, 40) });
    const source = await openSource(folder);
    const reads = Array.from({ length: 800 }, (_, i) => source.read(i % 80));
    const sizes = new Set((await Promise.all(reads)).map((content) => content instanceof Uint8Array));
    expect([...sizes]).toEqual([true]);
  });
});
