import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centreCrop, randomResizedCrop } from '../../runtime/data/crop.ts';
import { Random } from '../../runtime/random.ts';

const image = { height: 32, width: 48 };
const defaults = { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true } satisfies Parameters<
  typeof randomResizedCrop
>[3];

/** Mean and variance of a sample against those of a distribution: within four standard errors. */
function expectMoments(sample: readonly number[], mean: number, variance: number, fourth: number): void {
  const count = sample.length;
  const m = sample.reduce((sum, x) => sum + x, 0) / count;
  const v = sample.reduce((sum, x) => sum + (x - m) ** 2, 0) / count;
  expect(Math.abs(m - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
  expect(Math.abs(v - variance)).toBeLessThan(4 * Math.sqrt((fourth - variance ** 2) / count));
}

/** The same for a uniform distribution; its fourth central moment is width^4 / 80. */
const expectUniform = (sample: readonly number[], low: number, high: number) =>
  expectMoments(sample, (low + high) / 2, (high - low) ** 2 / 12, (high - low) ** 4 / 80);

describe('random resized crop', () => {
  it('always lies in the picture, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.integer(),
        (height, width, key) => {
          const { source, resized, window } = randomResizedCrop(
            Random.from(key),
            { height, width },
            image,
            defaults,
          );
          expect(source.top).toBeGreaterThanOrEqual(0);
          expect(source.left).toBeGreaterThanOrEqual(0);
          expect(source.height).toBeGreaterThanOrEqual(1);
          expect(source.width).toBeGreaterThanOrEqual(1);
          expect(source.top + source.height).toBeLessThanOrEqual(height);
          expect(source.left + source.width).toBeLessThanOrEqual(width);
          expect(resized).toEqual(image);
          expect(window).toEqual({ top: 0, left: 0, ...image });
        },
      ),
    );
  });

  it('draws the area uniformly, the aspect log-uniformly, the place uniformly, and mirrors half of them', () => {
    // Every crop of at most half the area fits into a square picture: no draw is turned down.
    const augment = { crop: [0.1, 0.5], aspect: [3 / 4, 4 / 3], flip: true } satisfies typeof defaults;
    const side = 4000;
    const drawn = Array.from({ length: 20_000 }, (_, i) =>
      randomResizedCrop(Random.from('crops', i), { height: side, width: side }, image, augment),
    );
    expectUniform(
      drawn.map(({ source }) => (source.width * source.height) / side ** 2),
      0.1,
      0.5,
    );
    expectUniform(
      drawn.map(({ source }) => Math.log(source.width / source.height)),
      Math.log(3 / 4),
      Math.log(4 / 3),
    );
    expectUniform(
      drawn.map(({ source }) => source.top / (side - source.height)),
      0,
      1,
    );
    expectUniform(
      drawn.map(({ source }) => source.left / (side - source.width)),
      0,
      1,
    );
    const mirrored = drawn.filter(({ flip }) => flip).length;
    expect(Math.abs(mirrored - 10_000)).toBeLessThan(4 * Math.sqrt(20_000 / 4));
  });

  it('turns down crops that do not fit, as torchvision does: mean area share of a 500x375 photograph', () => {
    const drawn = Array.from({ length: 20_000 }, (_, i) => {
      const { source } = randomResizedCrop(
        Random.from('photo', i),
        { height: 375, width: 500 },
        image,
        defaults,
      );
      return (source.width * source.height) / (375 * 500);
    });
    // An independent integral of the definition: 2 000 x 2 000 midpoints of (area, log aspect), those that fit.
    const mean = drawn.reduce((sum, share) => sum + share, 0) / drawn.length;
    expect(Math.abs(mean - meanShareThatFits(375, 500))).toBeLessThan((4 * 0.22) / Math.sqrt(drawn.length));
  });

  it('takes the largest central crop within the aspect interval when nothing fits', () => {
    const crop = (height: number, width: number) =>
      randomResizedCrop(Random.from('thin'), { height, width }, image, defaults).source;
    expect(crop(3, 1000)).toEqual({ top: 0, left: 498, height: 3, width: 4 });
    expect(crop(1000, 3)).toEqual({ top: 498, left: 0, height: 4, width: 3 });
    expect(crop(1, 1)).toEqual({ top: 0, left: 0, height: 1, width: 1 });
  });

  it('does not mirror when the recipe does not ask for it', () => {
    const flips = Array.from(
      { length: 64 },
      (_, i) =>
        randomResizedCrop(Random.from(i), { height: 9, width: 9 }, image, { ...defaults, flip: false }).flip,
    );
    expect(flips).not.toContain(true);
  });
});

function meanShareThatFits(height: number, width: number): number {
  const steps = 2000;
  let sum = 0;
  let fitting = 0;
  for (let i = 0; i < steps; i++) {
    const share = 0.2 + (0.8 * (i + 0.5)) / steps;
    for (let j = 0; j < steps; j++) {
      const aspect = Math.exp(Math.log(3 / 4) + (2 * Math.log(4 / 3) * (j + 0.5)) / steps);
      const w = Math.sqrt(share * height * width * aspect);
      const h = Math.sqrt((share * height * width) / aspect);
      if (w <= width && h <= height) {
        sum += share;
        fitting++;
      }
    }
  }
  return sum / fitting;
}

describe('centre crop', () => {
  const square = { height: 224, width: 224 };

  it('is the official evaluation: 500x375 resized to 256 and cropped to 224', () => {
    expect(centreCrop({ height: 375, width: 500 }, square, 224 / 256)).toEqual({
      source: { top: 0, left: 0, height: 375, width: 500 },
      resized: { height: 256, width: 341 },
      // Python: round((341 - 224) / 2) = 58
      window: { top: 16, left: 58, ...square },
      flip: false,
    });
  });

  it('just covers an image that is not square, from both sides', () => {
    const wide = { height: 32, width: 64 };
    expect(centreCrop({ height: 100, width: 100 }, wide)).toMatchObject({
      resized: { height: 64, width: 64 },
      window: { top: 16, left: 0 },
    });
    expect(centreCrop({ height: 50, width: 300 }, wide)).toMatchObject({
      resized: { height: 32, width: 192 },
      window: { top: 0, left: 64 },
    });
  });

  it('covers the image whatever the picture', () => {
    const side = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (height, width, h, w) => {
          const { resized, window } = centreCrop({ height, width }, { height: h, width: w });
          expect(window.top).toBeGreaterThanOrEqual(0);
          expect(window.left).toBeGreaterThanOrEqual(0);
          expect(window.top + h).toBeLessThanOrEqual(resized.height);
          expect(window.left + w).toBeLessThanOrEqual(resized.width);
        },
      ),
    );
  });
});
