import { describe, expect, it } from 'vitest';
import { Random } from '../../runtime/random.ts';
import {
  fillRemoved,
  type PatchedModel,
  patchCount,
  patchPositions,
  patchValues,
  predictedPicture,
  rgbOf,
} from '../../runtime/view/patches.ts';

/** A model whose normalised pixels are bytes over 255, unless told otherwise. */
function model(
  shape: { size: [number, number]; patch: [number, number]; channels: number },
  target: PatchedModel['loss']['target'],
): PatchedModel {
  const [height, width] = shape.size;
  const [patchHeight, patchWidth] = shape.patch;
  return {
    image: {
      height,
      width,
      channels: shape.channels,
      mean: new Array<number>(shape.channels).fill(0),
      deviation: new Array<number>(shape.channels).fill(1),
    },
    patch: { height: patchHeight, width: patchWidth },
    loss: { kind: 'mse', on: 'masked', target },
  };
}

const noise = (length: number, key: string) => Random.from(key).fillNormal(new Float32Array(length));

describe('cutting into patches', () => {
  it('counts patches row by row, and their pixels by row, column, channel', () => {
    const wide = model({ size: [4, 6], patch: [2, 3], channels: 2 }, 'pixels');
    expect(patchCount(wide)).toBe(4);
    // The second patch begins at row 0, column 3; the second channel lies 24 pixels further on.
    expect([...patchPositions(wide, 1)]).toEqual([3, 27, 4, 28, 5, 29, 9, 33, 10, 34, 11, 35]);
    expect([...patchPositions(wide, 2)].slice(0, 2)).toEqual([12, 36]);
  });

  it('counts partly padded patches, and has no place for the padding', () => {
    const padded = model({ size: [3, 5], patch: [2, 3], channels: 1 }, 'pixels');
    expect(patchCount(padded)).toBe(4);
    expect(patchValues(padded)).toBe(6);
    expect([...patchPositions(padded, 1)]).toEqual([3, 4, -1, 8, 9, -1]);
    expect([...patchPositions(padded, 3)]).toEqual([13, 14, -1, -1, -1, -1]);
  });

  it.each([[1], [3], [12]])('covers every pixel of %i channels once', (channels) => {
    const tall = model({ size: [8, 4], patch: [4, 2], channels }, 'pixels');
    const all = Array.from({ length: 4 }, (_, patch) => [...patchPositions(tall, patch)]).flat();
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 32 * channels }, (_, i) => i));
  });
});

describe('putting a prediction back into a picture', () => {
  const shape = { size: [8, 12], patch: [4, 6], channels: 3 } satisfies Parameters<typeof model>[0];
  const picture = noise(8 * 12 * 3, 'picture');
  const mask = Float32Array.of(0, 1, 1, 0);

  /** What the official code makes of a patch: unbiased variance, 1e-6 under the root. */
  function officialTarget(of: PatchedModel): Float32Array {
    return Float32Array.from(
      [0, 1, 2, 3].flatMap((patch) => {
        const values = [...patchPositions(of, patch)].map((position) => picture[position] ?? 0);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
        return values.map((value) => (value - mean) / (variance + 1e-6) ** 0.5);
      }),
    );
  }

  it('gives the picture itself for a perfect prediction of normalised pixels, with no loss', () => {
    const of = model(shape, 'normalized-pixels');
    const { predicted, loss } = predictedPicture(of, picture, officialTarget(of), mask);
    predicted.forEach((value, i) => {
      expect(value).toBeCloseTo(picture[i] ?? 0, 5);
    });
    expect(loss).toBeLessThan(1e-12);
  });

  it('gives the picture itself for a perfect prediction of pixels', () => {
    const of = model(shape, 'pixels');
    const prediction = Float32Array.from(
      [0, 1, 2, 3].flatMap((patch) => [...patchPositions(of, patch)]),
      (position) => picture[position] ?? 0,
    );
    const { predicted, loss } = predictedPicture(of, picture, prediction, mask);
    expect(predicted).toEqual(picture);
    expect(loss).toBe(0);
  });

  it('cuts off what it predicts of padding, which counts as pixels of value 0', () => {
    const of = model({ size: [3, 5], patch: [2, 3], channels: 1 }, 'pixels');
    const small = noise(15, 'padded picture');
    const prediction = Float32Array.from(
      [0, 1, 2, 3].flatMap((patch) => [...patchPositions(of, patch)]),
      (position) => (position < 0 ? 0.5 : (small[position] ?? 0)),
    );
    const { predicted, loss } = predictedPicture(of, small, prediction, Float32Array.of(1, 1, 0, 1));
    expect(predicted).toEqual(small);
    // None, two and four of six values are padding in the three removed patches.
    expect(loss).toBeCloseTo((0.25 * (0 + 2 / 6 + 4 / 6)) / 3, 6);
  });

  it('measures the loss as the mean over the removed patches of their mean squared error', () => {
    const of = model(shape, 'normalized-pixels');
    const prediction = officialTarget(of);
    // A wrong value in a visible patch does not count; 2 in one removed and 1 in all of another do.
    prediction[0] = 99;
    prediction[72] = (prediction[72] ?? 0) + 2;
    for (let i = 144; i < 216; i++) prediction[i] = (prediction[i] ?? 0) - 1;
    const { loss } = predictedPicture(of, picture, prediction, mask);
    expect(loss).toBeCloseTo((4 / 72 + 1) / 2, 6);
  });

  it('shows even patches, whose variance is zero, as they are', () => {
    const of = model(shape, 'normalized-pixels');
    const even = new Float32Array(picture.length).fill(0.25);
    const { predicted } = predictedPicture(of, even, new Float32Array(picture.length), mask);
    expect([...predicted].every((value) => value === 0.25)).toBe(true);
  });
});

describe('showing a picture', () => {
  const normalised = (channels: number): PatchedModel => {
    const plain = model({ size: [1, 2], patch: [1, 1], channels }, 'pixels');
    return {
      ...plain,
      image: {
        ...plain.image,
        mean: new Array<number>(channels).fill(0.5),
        deviation: new Array<number>(channels).fill(0.25),
      },
    };
  };

  it('undoes mean and deviation, and cuts what cannot be shown', () => {
    // 0.5 + 0.25 x: 1 is 0.75, -1 is 0.25, 9 is far above 1, -9 far below 0.
    const bytes = rgbOf(normalised(3), Float32Array.of(1, 9, -1, -9, 0, 2));
    expect([...bytes]).toEqual([191, 64, 128, 255, 0, 255]);
  });

  it('shows one and two channels as grey, and of twelve the first three', () => {
    expect([...rgbOf(normalised(1), Float32Array.of(1, -1))]).toEqual([191, 191, 191, 64, 64, 64]);
    expect([...rgbOf(normalised(2), Float32Array.of(1, -1, 2, 2))]).toEqual([191, 191, 191, 64, 64, 64]);
    const twelve = Float32Array.from({ length: 24 }, (_, i) =>
      i < 6 ? ([1, 9, -1, -9, 0, 2][i] ?? 0) : 0.7,
    );
    expect([...rgbOf(normalised(12), twelve)]).toEqual([191, 64, 128, 255, 0, 255]);
  });

  it('fills removed patches and no others', () => {
    const of = model({ size: [2, 4], patch: [1, 2], channels: 3 }, 'pixels');
    const kept = new Uint8Array(24).fill(1);
    const filling = new Uint8Array(24).fill(2);
    const filled = fillRemoved(of, kept, filling, Float32Array.of(0, 1, 1, 0));
    const pixels = Array.from({ length: 8 }, (_, i) => [...filled.subarray(3 * i, 3 * i + 3)]);
    expect(pixels.map(([red]) => red)).toEqual([1, 1, 2, 2, 2, 2, 1, 1]);
    expect(pixels.every(([red, green, blue]) => red === green && green === blue)).toBe(true);
  });
});
