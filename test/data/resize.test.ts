import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Placement, Size } from '../../runtime/data/crop.ts';
import { normalizationTable } from '../../runtime/data/normalize.ts';
import { mirror, normalizeInto, type Pixels, resizeInto, resizePixels } from '../../runtime/data/resize.ts';
import { Random } from '../../runtime/random.ts';

const size = { height: z.number(), width: z.number() };
const recorded = z
  .object({
    cases: z.array(
      z.object({
        ...size,
        channels: z.number(),
        source: z.object({ ...size, top: z.number(), left: z.number() }),
        resized: z.object(size),
        flip: z.boolean(),
        pixels: z.base64(),
        expected: z.base64(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./pillow-bicubic.json', import.meta.url), 'utf8')));

/** Bytes stay what they are. */
const identity = (channels: number) => Float32Array.from({ length: channels * 256 }, (_, i) => i % 256);

/** Resizes and puts the channels of a pixel side by side again. */
function resize(pixels: Pixels, placement: Placement): number[] {
  const { height, width } = placement.window;
  const planes = new Float32Array(pixels.channels * height * width);
  resizeInto(pixels, placement, identity(pixels.channels), planes);
  return Array.from(
    planes,
    (_, i) => planes[(i % pixels.channels) * height * width + Math.floor(i / pixels.channels)] ?? Number.NaN,
  );
}

const wholeWindow = ({ height, width }: Size) => ({ top: 0, left: 0, height, width });

const noise = (height: number, width: number, channels: number): Pixels => {
  const random = Random.from('noise', height, width);
  return {
    height,
    width,
    channels,
    data: Uint8Array.from({ length: height * width * channels }, () => random.integer(256)),
  };
};

describe('resizing', () => {
  it.each(recorded.cases.map((entry, i) => ({ ...entry, i })))(
    "gives Pillow's bytes: case $i, $source.height x $source.width to $resized.height x $resized.width",
    (entry) => {
      const pixels = { ...entry, data: Buffer.from(entry.pixels, 'base64') };
      const placement = { ...entry, window: wholeWindow(entry.resized) };
      expect(resize(pixels, placement)).toEqual([...Buffer.from(entry.expected, 'base64')]);
    },
  );

  it('computes a window of the resized picture as if the rest were there', () => {
    const pixels = noise(23, 31, 3);
    const source = { top: 2, left: 3, height: 20, width: 25 };
    const resized = { height: 14, width: 18 };
    const whole = resize(pixels, { source, resized, window: wholeWindow(resized), flip: false });
    const window = { top: 3, left: 4, height: 9, width: 7 };
    const cut = resize(pixels, { source, resized, window, flip: false });
    const expected: (number | undefined)[] = [];
    for (let y = 3; y < 12; y++) expected.push(...whole.slice((y * 18 + 4) * 3, (y * 18 + 11) * 3));
    expect(cut).toEqual(expected);
  });

  it('treats channels alike, however many there are, and mirrors: pictures of several bands', () => {
    const pixels = noise(150, 90, 5);
    const source = { top: 7, left: 4, height: 139, width: 83 };
    const resized = { height: 37, width: 29 };
    const placement = { source, resized, window: wholeWindow(resized), flip: false };
    const together = resize(pixels, placement);
    for (let channel = 0; channel < 5; channel++) {
      const data = pixels.data.filter((_, i) => i % 5 === channel);
      const alone = resize({ ...pixels, channels: 1, data }, placement);
      expect(together.filter((_, i) => i % 5 === channel)).toEqual(alone);
    }
    const mirrored = resize(pixels, { ...placement, flip: true });
    const back = mirror({ ...resized, channels: 5, data: Uint8Array.from(mirrored) });
    expect([...back.data]).toEqual(together);
    expect([...resizePixels(pixels, placement).data]).toEqual(together);
  });

  it('keeps a linear ramp linear when it doubles the size: closed form away from the borders', () => {
    const data = Uint8Array.from({ length: 16 * 16 }, (_, i) => (i % 16) * 16);
    const resized = { height: 16, width: 32 };
    const out = resize(
      { height: 16, width: 16, channels: 1, data },
      {
        source: { top: 0, left: 0, height: 16, width: 16 },
        resized,
        window: wholeWindow(resized),
        flip: false,
      },
    );
    // Pixel centres: output x lies at (x + 0.5) / 2 - 0.5 of the input, whose value there is 16 times that.
    for (let x = 4; x < 28; x++) expect(out[5 * 32 + x]).toBe(16 * ((x + 0.5) / 2 - 0.5));
  });

  it('does not alias: a checkerboard shrunk four times is its mean', () => {
    const data = Uint8Array.from({ length: 64 * 64 }, (_, i) =>
      ((i % 64) + Math.floor(i / 64)) % 2 === 0 ? 200 : 100,
    );
    const resized = { height: 16, width: 16 };
    const out = resize(
      { height: 64, width: 64, channels: 1, data },
      {
        source: { top: 0, left: 0, height: 64, width: 64 },
        resized,
        window: wholeWindow(resized),
        flip: false,
      },
    );
    for (let i = 0; i < out.length; i++) expect(Math.abs((out[i] ?? 0) - 150)).toBeLessThanOrEqual(1);
  });
});

describe('normalising', () => {
  it('is (byte / 255 - mean) / deviation, rounded to float32 after each operation', () => {
    const table = normalizationTable({ channels: 2, mean: [0.485, 0], deviation: [0.229, 1] });
    expect(table[0]).toBe(Math.fround(-Math.fround(0.485) / Math.fround(0.229)));
    // torch: (torch.tensor(200., dtype=torch.float32) / 255 - 0.485) / 0.229
    expect(table[200]).toBeCloseTo((200 / 255 - 0.485) / 0.229, 6);
    expect(table[256 + 51]).toBe(Math.fround(51 / 255));
  });

  it('separates the channels, and mirrors', () => {
    const pixels = { height: 1, width: 2, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const plain = new Float32Array(6);
    const mirrored = new Float32Array(6);
    normalizeInto(pixels, false, identity(3), plain);
    normalizeInto(pixels, true, identity(3), mirrored);
    expect([...plain]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...mirrored]).toEqual([4, 1, 5, 2, 6, 3]);
  });
});
