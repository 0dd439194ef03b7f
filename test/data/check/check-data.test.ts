import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { checkData } from '../../../runtime/data/check/check-data.ts';
import { openSource } from '../../../runtime/data/open-source.ts';
import { renderContactSheet, SHEET } from '../../../runtime/view/contact-sheet.ts';
import { scratchFolder, waves } from '../scratch-folder.ts';
import { cifarFile } from '../sources/source-files.ts';

/** Runs `mae check-data` and returns its exit code and what it wrote. */
async function checked(...argv: string[]) {
  const texts = { out: '', error: '' };
  const stream = (name: keyof typeof texts) => ({
    isTTY: false,
    columns: 100,
    write: (text: string) => {
      texts[name] += stripVTControlCharacters(text);
    },
  });
  const exitCode = await main(['check-data', ...argv], { stdout: stream('out'), stderr: stream('error') });
  return { exitCode, ...texts };
}

const jpeg = (key: number, height = 20, width = 30) => waves(key, height, width).jpeg().toBuffer();

async function dataSet() {
  const copy = await jpeg(1);
  return scratchFolder({
    'train/cat/1.jpg': copy,
    'train/cat/2.png': await waves(2, 10, 40).png().toBuffer(),
    'train/cat/3.jpg': (await jpeg(3)).subarray(0, 300),
    'train/dog/1.jpg': await waves(4, 50, 20).toColourspace('cmyk').jpeg().toBuffer(),
    'train/dog/2.jpg': copy,
    'train/emu/.keep': '',
    'val/cat/1.jpg': copy,
    'val/dog/1.jpg': await jpeg(6),
    'val/emu/1.gif': 'not a picture',
  });
}

describe('checking a data set', () => {
  it('finds corrupt files, sizes, formats, classes and duplicates', async () => {
    const folder = await dataSet();
    const { exitCode, out } = await checked(folder, '--json');
    expect(exitCode).toBe(1);
    const at = (path: string) => join(folder, path);
    expect(JSON.parse(out)).toEqual({
      path: folder,
      splits: [
        {
          split: 'train',
          kind: 'folder of pictures',
          location: at('train'),
          pictures: 5,
          corrupt: [{ path: at('train/cat/3.jpg'), reason: expect.stringMatching(/premature end|damaged/) }],
          classes: [
            { name: 'cat', pictures: 3 },
            { name: 'dog', pictures: 2 },
            { name: 'emu', pictures: 0 },
          ],
          width: { min: 20, median: 30, max: 40 },
          height: { min: 10, median: 20, max: 50 },
          aspect: { min: 0.4, median: 1.5, max: 4 },
          formats: { jpeg: 3, png: 1 },
          traits: { CMYK: 1 },
        },
        {
          split: 'validation',
          kind: 'folder of pictures',
          location: at('val'),
          pictures: 3,
          corrupt: [{ path: at('val/emu/1.gif'), reason: 'it is not a picture of a known format' }],
          classes: [
            { name: 'cat', pictures: 1 },
            { name: 'dog', pictures: 1 },
            { name: 'emu', pictures: 1 },
          ],
          width: { min: 30, median: 30, max: 30 },
          height: { min: 20, median: 20, max: 20 },
          aspect: { min: 1.5, median: 1.5, max: 1.5 },
          formats: { jpeg: 2 },
          traits: {},
        },
      ],
      duplicates: {
        within: 1,
        across: 1,
        labelsDiffer: 1,
        groups: [
          {
            pictures: [
              { split: 'train', path: at('train/cat/1.jpg') },
              { split: 'train', path: at('train/dog/2.jpg') },
              { split: 'validation', path: at('val/cat/1.jpg') },
            ],
            labelsDiffer: true,
          },
        ],
      },
    });
  });

  it('is told in tables and bars', async () => {
    const folder = await dataSet();
    const { exitCode, out, error } = await checked(folder);
    expect(exitCode).toBe(1);
    expect(out).toContain(`train: 5 pictures in ${join(folder, 'train')} (folder of pictures)`);
    expect(out).toContain('  width    20 to 40, median 30\n');
    expect(out).toContain(`    cat  3  ${'█'.repeat(30)}\n    dog  2  ${'█'.repeat(20)}\n    emu  0\n`);
    expect(out).toContain('note     a class has no pictures');
    expect(out).toContain(`    ${join(folder, 'val/emu/1.gif')}: it is not a picture of a known format`);
    expect(out).toContain('duplicates: 1 within a split, 1 across splits, byte for byte');
    expect(out).toContain('2 pictures cannot be decoded; training passes them over');
    expect(error).toContain('checked 8/8  2 corrupt');
  });

  it('ends well when every picture decodes, split or not', async () => {
    const folder = await scratchFolder({
      'a/1.jpg': await jpeg(1),
      'a/2.jpg': await jpeg(2),
      'b/3.jpg': await jpeg(3),
    });
    const all = await checked(folder);
    expect(all.exitCode).toBe(0);
    expect(all.out).toContain(`3 pictures in ${folder} (folder of pictures)`);
    expect(all.out).toContain('no picture is there twice');
    expect(all.out).toContain('every picture decodes');
    const train = await checked(folder, '--split', 'train', '--validation', '0.5');
    expect(train.out).toContain(`train: 2 pictures in ${folder} (train)`);
    const flat = await checked(await scratchFolder({ '1.jpg': await jpeg(1) }));
    expect(flat.out).toMatch(/classes {2}none: .* has no labels: its pictures are not in class folders/);
  });

  it('refuses wrong options and paths', async () => {
    expect((await checked('x', '--validation', '1')).exitCode).toBe(2);
    expect((await checked('x', '--split', 'holdout')).exitCode).toBe(2);
    const { exitCode, error } = await checked('/nowhere/at/all');
    expect(exitCode).toBe(1);
    expect(error).toContain('cannot read the pictures in /nowhere/at/all: no such file or folder');
  });
});

describe('a contact sheet', () => {
  it('shows each class in its strip, in the order of the classes', async () => {
    const folder = await scratchFolder({
      'data_batch_1.bin': cifarFile([0, 3, 3, 9]),
    });
    const file = join(folder, 'sheets', 'sheet.png');
    const { exitCode, out } = await checked(folder, '--contact-sheet', file);
    expect(exitCode).toBe(0);
    expect(out).toContain(`look at   ${file}`);
    const { data, info } = await sharp(await readFile(file))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => {
      const from = (y * info.width + x) * info.channels;
      return [...data.subarray(from, from + 3)];
    };
    // Two columns of strips: the margin, the header and a name above each; the middles of the cells.
    const middle = (label: number, place: number): [number, number] => [
      40 + Math.floor(label / 5) * (796 + 36) + place * 100 + 48,
      40 + 84 + (label % 5) * 140 + 30 + 48,
    ];
    expect(at(...middle(0, 0))).toEqual([0, 100, 200]);
    expect(at(...middle(3, 0))).toEqual([61, 101, 200]);
    expect(at(...middle(3, 1))).toEqual([62, 102, 200]);
    expect(at(...middle(9, 0))).toEqual([183, 103, 200]);
    expect(at(...middle(1, 0))).toEqual([255, 255, 255]);
  });

  it('shows pictures without labels in a grid, and says how many there are', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 12; i++) files[`${i}.jpg`] = await jpeg(i);
    const folder = await scratchFolder(files);
    const { samples } = await checkData({
      path: folder,
      splits: [{ name: 'all', source: await openSource(folder) }],
      samples: { ...SHEET, unlabelled: 9 },
    });
    expect(samples).toHaveLength(9);
    const png = await renderContactSheet({ title: 'x', caption: 'y', classes: undefined, samples });
    const { width, height } = await sharp(png).metadata();
    expect([width, height]).toEqual([40 + 8 * 100 - 4 + 40, 40 + 84 + 2 * 100 - 4 + 40]);
  });
});
