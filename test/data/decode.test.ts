import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeWhole, decodeWindow, readPictureSize, withChannels } from '../../runtime/data/decode.ts';
import { scratchFolder, waves } from './scratch-folder.ts';

const colours = { channels: 3, shorterSide: 1000 } as const;

/** Three frames of one colour each. */
async function animated(): Promise<Buffer> {
  const frames = [200, 100, 50].map((value) =>
    sharp({ create: { width: 6, height: 4, channels: 3, background: { r: value, g: 0, b: 0 } } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(frames), { join: { animated: true } })
    .gif()
    .toBuffer();
}

describe('bytes decode as the file with these bytes does', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['jpeg', () => waves(1, 40, 30).jpeg().toBuffer()],
    ['webp', () => waves(1, 40, 30).webp().toBuffer()],
    ['cmyk', () => waves(1, 40, 30).toColourspace('cmyk').jpeg().toBuffer()],
    ['16 bits', () => waves(1, 40, 30).toColourspace('rgb16').png().toBuffer()],
    ['alpha', () => waves(1, 40, 30).ensureAlpha(0.4).png().toBuffer()],
    ['animated', animated],
    ['turned', () => waves(1, 40, 30).withMetadata({ orientation: 8 }).jpeg().toBuffer()],
    ['tiff of pages', () => waves(1, 40, 30).tiff().toBuffer()],
  ])('%s', async (_, encode) => {
    const bytes = await encode();
    const path = join(await scratchFolder({ picture: bytes }), 'picture');
    const size = await readPictureSize(path);
    expect(await readPictureSize(bytes)).toEqual(size);
    const whole = await decodeWhole(path, size, colours);
    expect([whole.height, whole.width, whole.channels]).toEqual([size.height, size.width, 3]);
    expect(await decodeWhole(bytes, size, colours)).toEqual(whole);
    const placement = {
      source: { top: 1, left: 2, height: 3, width: 3 },
      resized: { height: 6, width: 6 },
      window: { top: 1, left: 0, height: 4, width: 6 },
      flip: false,
    };
    expect(await decodeWindow(bytes, placement, colours)).toEqual(
      await decodeWindow(path, placement, colours),
    );
  });

  it('of several frames the first counts', async () => {
    const bytes = await animated();
    expect((await sharp(bytes).metadata()).pages).toBe(3);
    const { data } = await decodeWhole(bytes, await readPictureSize(bytes), colours);
    expect([...data.subarray(0, 3), data.length]).toEqual([200, 0, 0, 6 * 4 * 3]);
  });
});

describe('raw pixels', () => {
  const pixels = { height: 1, width: 2, channels: 3, data: Uint8Array.of(9, 9, 9, 200, 200, 200) };

  it('become grey, and grey becomes colours', async () => {
    const grey = await withChannels(pixels, 1);
    expect([grey.channels, ...grey.data]).toEqual([1, 9, 200]);
    expect(await withChannels(grey, 3)).toEqual({ ...pixels, data: Buffer.from(pixels.data) });
    expect(await withChannels(pixels, 3)).toBe(pixels);
  });

  it('of other channels are an error', async () => {
    await expect(withChannels(pixels, 4)).rejects.toThrow("it has 3 channels, but the model's images have 4");
    const floats = { ...pixels, data: new Float32Array(6) };
    await expect(withChannels(floats, 1)).rejects.toThrow('it has 3 channels');
  });
});
