import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Placement, randomResizedCrop } from '../../runtime/data/crop.ts';
import { decodeBox, decodeWindow } from '../../runtime/data/decode.ts';
import { openSource } from '../../runtime/data/open-source.ts';
import {
  evenlySpread,
  Pictures,
  type PicturesOptions,
  readForEvaluation,
} from '../../runtime/data/pictures.ts';
import { resizeInto, resizePixels } from '../../runtime/data/resize.ts';
import { Random } from '../../runtime/random.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder, waveFiles, waves } from './scratch-folder.ts';

/** Bytes over 255, nothing else. */
const plainImage = (height: number, width: number, channels: number) => ({
  height,
  width,
  channels,
  mean: new Array<number>(channels).fill(0),
  deviation: new Array<number>(channels).fill(1),
});

async function picturesIn(directory: string, options: Omit<PicturesOptions, 'source'>): Promise<Pictures> {
  return new Pictures({ source: await openSource(directory), ...options });
}

/** The bytes of the only picture of a folder with this file, at its own size. */
async function bytesOf(name: string, content: Uint8Array, height: number, width: number, channels: number) {
  const pictures = await picturesIn(await scratchFolder({ [name]: content }), {
    image: plainImage(height, width, channels),
  });
  const { images } = await readForEvaluation(pictures, [0]);
  return Array.from(images, (value) => Math.round(value * 255));
}

describe('decoding into the channels of the model', () => {
  // Two pixels: 200, 100, 50 and 10, 20, 30.
  const two = () =>
    sharp(Uint8Array.of(200, 100, 50, 10, 20, 30), { raw: { height: 1, width: 2, channels: 3 } });
  const planes = [200, 10, 100, 20, 50, 30];

  it.each([
    ['a.png', () => two().png()],
    ['a.webp', () => two().webp({ lossless: true })],
    ['a.gif', () => two().gif()],
    ['a.tiff', () => two().tiff({ compression: 'none' })],
    ['a.avif', () => two().avif({ lossless: true, chromaSubsampling: '4:4:4' })],
    ['palette.png', () => two().png({ palette: true })],
    ['opaque.png', () => two().ensureAlpha().png()],
  ])('%s', async (name, encode) => {
    expect(await bytesOf(name, await encode().toBuffer(), 1, 2, 3)).toEqual(planes);
  });

  it('16 bits a channel become 8', async () => {
    const wide = Uint16Array.of(200 * 257, 100 * 257, 50 * 257, 10 * 257, 20 * 257, 30 * 257);
    const png = await sharp(wide, { raw: { height: 1, width: 2, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(png).metadata()).depth).toBe('ushort');
    expect(await bytesOf('wide.png', png, 1, 2, 3)).toEqual(planes);
  });

  it('grey becomes three equal channels, colour becomes grey for a model of one channel', async () => {
    const grey = await sharp(Uint8Array.of(7, 90), { raw: { height: 1, width: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    expect(await bytesOf('grey.png', grey, 1, 2, 3)).toEqual([7, 90, 7, 90, 7, 90]);
    expect(await bytesOf('grey.png', grey, 1, 2, 1)).toEqual([7, 90]);
    const [first = 0, second = 0] = await bytesOf('a.png', await two().png().toBuffer(), 1, 2, 1);
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(150);
    expect(second).toBeGreaterThan(10);
    expect(second).toBeLessThan(30);
  });

  it('CMYK becomes red, green, blue', async () => {
    const cmyk = await sharp({
      create: { width: 16, height: 16, channels: 3, background: { r: 150, g: 120, b: 100 } },
    })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const bytes = await bytesOf('cmyk.jpg', cmyk, 16, 16, 3);
    // The printer's gamut and JPEG allow no more than about this.
    for (const [plane, value] of [150, 120, 100].entries()) {
      expect(Math.abs((bytes[plane * 256 + 100] ?? 0) - value)).toBeLessThan(20);
    }
  });

  it('what is transparent is white', async () => {
    const half = Uint8Array.of(200, 100, 50, 255, 0, 0, 0, 0);
    const png = await sharp(half, { raw: { height: 1, width: 2, channels: 4 } })
      .png()
      .toBuffer();
    expect(await bytesOf('half.png', png, 1, 2, 3)).toEqual([200, 255, 100, 255, 50, 255]);
  });

  it('a photograph is turned upright by its EXIF orientation', async () => {
    // Orientation 6: the stored picture is to be turned a quarter clockwise: its left end comes on top.
    const lying = await two().withMetadata({ orientation: 6 }).png().toBuffer();
    expect(await bytesOf('lying.png', lying, 2, 1, 3)).toEqual(planes);
  });

  it('other channel counts are refused with their number', async () => {
    const source = await openSource(await scratchFolder(await waveFiles(1)));
    const make = () => new Pictures({ source, image: plainImage(8, 8, 12) });
    expect(make).toThrow(UserError);
    expect(make).toThrow(
      "the model's images have 12 channels, but picture files give 1 (grey) or 3 (red, green, blue)",
    );
  });
});

describe('the two ways of resizing', () => {
  const image = plainImage(160, 192, 3);
  const augment = {
    crop: [0.2, 1],
    aspect: [0.75, 4 / 3],
    flip: true,
  } satisfies PicturesOptions['augment'];
  const table = Float32Array.from({ length: 768 }, (_, i) => (i % 256) / 255);

  /** What is read of a picture of this size, and what the resize of a wholly decoded picture makes of it. */
  async function bothWays(height: number, width: number, placement: Placement) {
    const directory = await scratchFolder({ 'large.png': await waves(3, height, width).png().toBuffer() });
    const pictures = await picturesIn(directory, { image, augment });
    const read = new Float32Array(3 * 160 * 192);
    await pictures.read(0, { place: () => placement }, read);
    const own = new Float32Array(read.length);
    const data = await sharp(join(directory, 'large.png')).raw().toBuffer();
    resizeInto({ height, width, channels: 3, data }, placement, table, own);
    return { read, own, path: join(directory, 'large.png') };
  }

  it('are the same to the bit where a crop alone is decoded', async () => {
    const size = { height: 400, width: 500 };
    for (let key = 0; key < 4; key++) {
      const placement = randomResizedCrop(Random.from(key), size, image, augment);
      const { read, own } = await bothWays(size.height, size.width, placement);
      expect(read).toEqual(own);
    }
  });

  it('agree on a smooth picture where the crop is so large that libvips resizes it', async () => {
    const size = { height: 1000, width: 1200 };
    for (const key of [1, 5]) {
      const augmentLarge = { ...augment, crop: [0.8, 1] } satisfies PicturesOptions['augment'];
      const placement = randomResizedCrop(Random.from(key), size, image, augmentLarge);
      expect(placement.source.height * placement.source.width).toBeGreaterThan(1 << 19);
      const { read, own, path } = await bothWays(size.height, size.width, placement);
      const difference = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (read[i] ?? 0))), 0);
      expect(difference).toBeLessThan(3.5 / 255);
      const { data } = await decodeWindow(path, placement, { channels: 3, shorterSide: 9999 });
      const x = placement.flip ? 191 : 0;
      expect(Math.round((read[0] ?? 0) * 255)).toBe(data[x * 3]);
    }
  });

  it('reduce a photograph that is much larger than needed, and still read the same picture', async () => {
    const directory = await scratchFolder({
      'photo.jpg': await waves(5, 1500, 2000).jpeg({ quality: 98 }).toBuffer(),
    });
    const image = plainImage(16, 16, 3);
    const augment = {
      crop: [0.2, 1],
      aspect: [0.75, 4 / 3],
      flip: false,
    } satisfies PicturesOptions['augment'];
    const reduced = await picturesIn(directory, { image, augment });
    const place = (size: { height: number; width: number }): Placement => ({
      source: {
        top: Math.round(size.height / 4),
        left: Math.round(size.width / 4),
        height: Math.round(size.height / 2),
        width: Math.round(size.width / 2),
      },
      resized: image,
      window: { top: 0, left: 0, height: 16, width: 16 },
      flip: false,
    });
    const seen: number[] = [];
    const read = new Float32Array(3 * 256);
    await reduced.read(
      0,
      {
        place: (size) => {
          seen.push(size.height, size.width);
          return place(size);
        },
      },
      read,
    );
    // 1.5 * 16 / sqrt(0.2 * 0.75) = 61.97
    expect(seen).toEqual([62, 83]);
    const { data } = await decodeWindow(join(directory, 'photo.jpg'), place({ height: 1500, width: 2000 }), {
      channels: 3,
      shorterSide: 9999,
    });
    for (let i = 0; i < 256; i++) expect(Math.abs((read[i] ?? 0) * 255 - (data[i * 3] ?? 0))).toBeLessThan(5);
  });
});

describe("a crop of a JPEG, against Pillow's", () => {
  const recorded = z
    .object({
      height: z.number(),
      width: z.number(),
      jpeg: z.base64(),
      cases: z.array(
        z.object({
          source: z.object({ left: z.number(), top: z.number(), height: z.number(), width: z.number() }),
          resized: z.object({ height: z.number(), width: z.number() }),
          expected: z.base64(),
        }),
      ),
    })
    .parse(JSON.parse(readFileSync(new URL('./pillow-jpeg.json', import.meta.url), 'utf8')));
  const jpeg = Buffer.from(recorded.jpeg, 'base64');
  const format = { channels: 3, shorterSide: 9999 } as const;

  it.each(recorded.cases)('$source.width x $source.height to $resized.width', async (entry) => {
    const { source, resized } = entry;
    const expected = [...Buffer.from(entry.expected, 'base64')];
    const placement = { source, resized, window: { top: 0, left: 0, ...resized }, flip: false };
    const cut = { ...placement, source: { ...source, top: 0, left: 0 } };
    const own = resizePixels(await decodeBox(jpeg, source, format), cut);
    expect([...own.data]).toEqual(expected);
    // libvips rounds otherwise, and shrinks by whole numbers first.
    const { data } = await decodeWindow(jpeg, placement, format);
    const differences = expected.map((byte, i) => Math.abs(byte - (data[i] ?? 0)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(4);
    expect(differences.reduce((sum, value) => sum + value, 0) / expected.length).toBeLessThan(1);
  });
});

describe('keeping decoded pictures', () => {
  it('reads the same with and without room for them', async () => {
    const directory = await scratchFolder(await waveFiles(6));
    const image = plainImage(12, 10, 3);
    const augment = {
      crop: [0.2, 1],
      aspect: [0.75, 4 / 3],
      flip: true,
    } satisfies PicturesOptions['augment'];
    const all: Float32Array[] = [];
    for (const cacheBytes of [0, 20 * 24 * 3 * 2, 1 << 30]) {
      const pictures = await picturesIn(directory, { image, augment, cacheBytes });
      const read = new Float32Array(12 * 3 * 120);
      for (let i = 0; i < 12; i++) {
        const place = (size: { height: number; width: number }) =>
          randomResizedCrop(Random.from('x', i), size, image, augment);
        await pictures.read(i % 6, { place }, read.subarray(i * 360, (i + 1) * 360));
      }
      all.push(read);
    }
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
    expect(Math.max(...(all[0] ?? []))).toBeGreaterThan(0.5);
  });
});

describe('files that cannot be decoded', () => {
  it('of a damaged photograph the crops above the damage are read, whatever was tried before', async () => {
    const jpeg = await waves(4, 400, 500).jpeg({ quality: 95 }).toBuffer();
    const directory = await scratchFolder({
      '0.jpg': jpeg.subarray(0, Math.round(jpeg.length * 0.6)),
      '1.jpg': await waves(5, 400, 500).jpeg().toBuffer(),
    });
    const skipped: string[] = [];
    const image = plainImage(20, 20, 3);
    const augment = { crop: [0.005, 1], aspect: [1, 1], flip: false } satisfies PicturesOptions['augment'];
    const pictures = await picturesIn(directory, {
      image,
      augment,
      onSkipped: ({ path }) => skipped.push(path),
    });
    const place = (top: number) => () => ({
      source: { top, left: 10, height: 60, width: 60 },
      resized: image,
      window: { top: 0, left: 0, height: 20, width: 20 },
      flip: false,
    });
    const target = new Float32Array(1200);
    for (let time = 0; time < 2; time++) {
      expect(await pictures.read(0, { place: place(340) }, target)).toBe(1);
      expect(await pictures.read(0, { place: place(0) }, target)).toBe(0);
    }
    expect(skipped).toEqual([join(directory, '0.jpg')]);
  });

  it('are named once with the reason, and replaced by the next that can be', async () => {
    const files = await waveFiles(5);
    const jpeg = await waves(9, 64, 64).jpeg().toBuffer();
    const directory = await scratchFolder({
      ...files,
      '01.png': 'this is text',
      '02.png': '',
      '04.png': jpeg.subarray(0, jpeg.length / 2),
    });
    const skipped: { path: string; reason: string }[] = [];
    const image = plainImage(8, 8, 3);
    const pictures = await picturesIn(directory, { image, onSkipped: (picture) => skipped.push(picture) });
    for (let round = 0; round < 2; round++) {
      const { images, indices } = await readForEvaluation(pictures, [0, 1, 2, 3, 4]);
      expect(indices).toEqual([0, 3, 3, 3, 0]);
      expect(images.slice(192, 384)).toEqual(images.slice(576, 768));
      expect(images.slice(0, 192)).toEqual(images.slice(768, 960));
      expect(images.slice(0, 192)).not.toEqual(images.slice(192, 384));
    }
    skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(skipped).toEqual([
      { path: join(directory, '01.png'), reason: 'it is not a picture of a known format' },
      { path: join(directory, '02.png'), reason: 'it is empty' },
      {
        path: join(directory, '04.png'),
        reason: expect.stringMatching(/premature end of JPEG image|its content is damaged/),
      },
    ]);
  });

  it('are an error when there are no others', async () => {
    const directory = await scratchFolder({ 'a.jpg': 'x', 'b.png': 'y' });
    const pictures = await picturesIn(directory, { image: plainImage(8, 8, 3) });
    const error = await readForEvaluation(pictures, [1]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe(
      `none of the 2 pictures in ${directory} can be decoded: it is not a picture of a known format`,
    );
  });
});

describe('spreading indices', () => {
  it('takes one of each of ten equal classes, and never more than there are', () => {
    expect(evenlySpread(2000, 10).map((index) => Math.floor(index / 200))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(evenlySpread(3, 8)).toEqual([0, 1, 2]);
    expect(evenlySpread(7, 3)).toEqual([1, 3, 5]);
  });
});
