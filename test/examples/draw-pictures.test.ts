import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { runDrawPictures } from '../../examples/draw-pictures.ts';
import { drawPicture } from '../../examples/pictures-generator/draw-picture.ts';
import { drawPictureSet } from '../../examples/pictures-generator/draw-picture-set.ts';
import { Noise, onGrid } from '../../examples/pictures-generator/noise.ts';
import { SUBJECTS } from '../../examples/pictures-generator/subjects.ts';
import { openPictureFolder } from '../../runtime/data/folder.ts';
import { Random } from '../../runtime/random.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

const names = Object.keys(SUBJECTS);
const small = { perClass: 2, size: 16, seed: 3 };

/** Mean brightness, its deviation, and the mean difference between neighbours, all 0..255. */
function statistics(bytes: Uint8Array, size: number) {
  const mean = bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  const deviation = Math.sqrt(bytes.reduce((sum, byte) => sum + (byte - mean) ** 2, 0) / bytes.length);
  let steps = 0;
  for (let i = 0; i < bytes.length - 3 * size; i++)
    steps += Math.abs((bytes[i] ?? 0) - (bytes[i + 3 * size] ?? 0));
  return { mean, deviation, roughness: steps / (bytes.length - 3 * size) };
}

describe('the pictures', () => {
  it.each(names)('%s: are exposed like photographs, differ from each other, and are no noise', (name) => {
    const pictures = Array.from({ length: 6 }, (_, i) => drawPicture(name, 24, 1, i + 1));
    for (const picture of pictures) {
      expect(picture).toHaveLength(24 * 24 * 3);
      const { mean, deviation, roughness } = statistics(picture, 24);
      expect(mean).toBeGreaterThan(15);
      expect(mean).toBeLessThan(245);
      expect(deviation).toBeGreaterThan(4);
      // Neighbours are more alike than pixels far apart, whose mean difference is about 1.1 deviations.
      expect(roughness).toBeLessThan(1.1 * deviation);
    }
    const [first] = pictures;
    for (const other of pictures.slice(1)) {
      const difference =
        other.reduce((sum, byte, i) => sum + Math.abs(byte - (first?.[i] ?? 0)), 0) / other.length;
      expect(difference).toBeGreaterThan(8);
    }
  });

  it('are functions of class, size, seed and number alone', () => {
    const once = drawPicture('hills', 16, 5, 9);
    drawPicture('spheres', 16, 5, 9);
    expect(drawPicture('hills', 16, 5, 9)).toEqual(once);
    expect(drawPicture('hills', 16, 6, 9)).not.toEqual(once);
    expect(() => drawPicture('cats', 16, 5, 9)).toThrow('there is no class of pictures called cats');
  });
});

describe('noise', () => {
  it('is smooth, zero at whole numbers, and centred', () => {
    const noise = new Noise(Random.from('noise'));
    let sum = 0;
    for (let i = 0; i < 2000; i++) {
      const x = Math.sin(i * 12.9) * 40;
      const y = Math.cos(i * 7.1) * 40;
      sum += noise.at(x, y);
      expect(Math.abs(noise.at(x + 1e-4, y) - noise.at(x, y))).toBeLessThan(1e-3);
    }
    expect(Math.abs(sum / 2000)).toBeLessThan(0.05);
    expect(noise.at(-3, 17)).toBeCloseTo(0, 12);
  });

  it('knows the nearest and the second nearest point of its cells', () => {
    const noise = new Noise(Random.from('cells'));
    const cell = { first: 0, second: 0, id: 0 };
    noise.cell(0.5, 0.5, cell, 0);
    expect([cell.first, cell.second]).toEqual([0, 1]);
    noise.cell(0.5, 0.9, cell, 0);
    expect(cell.first).toBeCloseTo(0.4, 12);
    expect(cell.second).toBeCloseTo(0.6, 12);
  });

  it('is interpolated exactly where it is linear', () => {
    const plane = onGrid(7, (u, v) => 3 * u - 2 * v + 1);
    expect(plane(0.31, -0.77)).toBeCloseTo(3 * 0.31 + 2 * 0.77 + 1, 12);
    expect(plane(-1, 1)).toBeCloseTo(-4, 12);
  });
});

describe('drawing a set', () => {
  it('makes a folder of JPEGs for each class, the same for the same seed', async () => {
    const directory = await scratchFolder({});
    const again = await scratchFolder({});
    const progress: number[] = [];
    const drawn = await drawPictureSet({
      directory,
      ...small,
      onProgress: (done, total) => progress.push(done / total),
    });
    await drawPictureSet({ directory: again, ...small });
    expect(drawn).toBe(20);
    expect(progress).toHaveLength(20);
    expect(progress.at(-1)).toBe(1);
    const { paths } = await openPictureFolder(directory);
    expect(paths).toEqual(names.flatMap((name) => [`${name}/0001.jpg`, `${name}/0002.jpg`]));
    for (const path of paths) {
      const bytes = await readFile(join(directory, path));
      expect(bytes.equals(await readFile(join(again, path)))).toBe(true);
    }
    const { format, width, height } = await sharp(join(directory, 'glass/0002.jpg')).metadata();
    expect([format, width, height]).toEqual(['jpeg', 16, 16]);
  });

  it('leaves a set that is there as it is, and completes one of which something is missing', async () => {
    const directory = await scratchFolder({});
    await drawPictureSet({ directory, ...small });
    const before = await stat(join(directory, 'wood/0001.jpg'));
    expect(await drawPictureSet({ directory, ...small })).toBe(0);
    expect((await stat(join(directory, 'wood/0001.jpg'))).mtimeMs).toBe(before.mtimeMs);
    await rm(join(directory, 'water/0002.jpg'));
    expect(await drawPictureSet({ directory, ...small })).toBe(20);
    expect(await readdir(join(directory, 'water'))).toEqual(['0001.jpg', '0002.jpg']);
  });

  it('replaces another set of its own, and nothing of anyone else', async () => {
    const directory = await scratchFolder({ 'bricks/mine.jpg': 'my wall', 'notes.txt': 'notes' });
    await drawPictureSet({ directory, ...small });
    await drawPictureSet({ directory, ...small, perClass: 1, seed: 4 });
    expect(await readdir(join(directory, 'bricks'))).toEqual(['0001.jpg', 'mine.jpg']);
    expect(await readdir(join(directory, 'wood'))).toEqual(['0001.jpg']);
    expect(await readFile(join(directory, 'bricks/mine.jpg'), 'utf8')).toBe('my wall');
    expect(await readFile(join(directory, 'notes.txt'), 'utf8')).toBe('notes');
  });

  it('stops before it would overwrite a picture that it did not draw', async () => {
    const directory = await scratchFolder({ 'marble/0002.jpg': 'a photograph' });
    const error = await drawPictureSet({ directory, ...small }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toContain(`${join(directory, 'marble/0002.jpg')} is in the way`);
    expect(await readdir(directory)).toEqual(['marble']);
  });

  it('begins anew after it was interrupted', async () => {
    const directory = await scratchFolder({});
    await drawPictureSet({ directory, ...small });
    const manifest = join(directory, 'picture-set.json');
    const written = JSON.parse(await readFile(manifest, 'utf8'));
    await writeFile(manifest, JSON.stringify({ ...written, complete: false }));
    expect(await drawPictureSet({ directory, ...small })).toBe(20);
  });

  it('names the picture that cannot be written', async () => {
    const directory = await scratchFolder({});
    await drawPictureSet({ directory, ...small });
    await rm(join(directory, 'wood/0001.jpg'));
    await mkdir(join(directory, 'wood/0001.jpg'));
    const error = await drawPictureSet({ directory, ...small, seed: 9 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe(
      `cannot write ${join(directory, 'wood/0001.jpg')}: it is a folder, not a file`,
    );
  });
});

describe('the command', () => {
  const streams = () => {
    const written: Record<'out' | 'err', string[]> = { out: [], err: [] };
    const io = {
      stdout: { write: (text: string) => written.out.push(text) },
      stderr: { write: (text: string) => written.err.push(text) },
    };
    return { written, io };
  };

  it('draws, says where, and says so when there is nothing to draw', async () => {
    const directory = await scratchFolder({});
    const argv = ['--out', directory, '--per-class', '1', '--size', '16', '--seed', '2'];
    const first = streams();
    expect(await runDrawPictures(argv, first.io)).toBe(0);
    expect(first.written.out.join('')).toMatch(/ {2}10 pictures of 10 classes, 16x16, in \d+\.\d s\n$/);
    const second = streams();
    expect(await runDrawPictures(argv, second.io)).toBe(0);
    expect(second.written.out.join('')).toBe(`${directory} holds these 10 pictures already\n`);
  });

  it('has help, and refuses numbers that make no sense', async () => {
    const help = streams();
    expect(await runDrawPictures(['--help'], help.io)).toBe(0);
    expect(help.written.out.join('')).toContain('draw-pictures --out /tmp/pictures --per-class 50');
    const wrong = streams();
    expect(await runDrawPictures(['--per-class', 'many'], wrong.io)).toBe(2);
    expect(wrong.written.err.join('')).toContain('It should be a whole number above 0.');
  });
});
