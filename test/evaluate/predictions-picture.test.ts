import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  drawPredictions,
  type PredictionsDrawing,
  renderPredictions,
} from '../../runtime/evaluate/predictions-picture.ts';
import { type PredictedExample, VERDICTS, verdictMark, verdictOf } from '../../runtime/evaluate/verdict.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

const SIDE = 8;

function drawingOf(examples: readonly Omit<PredictedExample, 'picture'>[]): PredictionsDrawing {
  return {
    model: {
      name: 'vit-test',
      image: { height: SIDE, width: SIDE, channels: 3, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
      patch: { height: 4, width: 4 },
      loss: { kind: 'mse', on: 'masked', target: 'pixels' },
    },
    // Each picture is of one grey: 20, 40, 60 …
    examples: examples.map((example, i) => ({
      ...example,
      picture: new Float32Array(3 * SIDE * SIDE).fill(((i + 1) * 20) / 255 / 0.25 - 2),
    })),
    classNames: ['cat', 'dog'],
    caption: 'epoch 3',
  };
}

const RIGHT = { predicted: 0, truth: 0, probability: 0.9, truthProbability: 0.9 };
const WRONG = { predicted: 1, truth: 0, probability: 0.5, truthProbability: 0.001, name: 'x.png' };
const UNKNOWN = { predicted: 1, probability: 1 };
const BROKEN = { predicted: -1, truth: 0, probability: Number.NaN };

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3),
  ];
  return { data, width: info.width, height: info.height, channels: info.channels, at };
}

/** Where all pixels of a colour lie. */
async function boxOf(png: Uint8Array, colour: readonly number[]) {
  const { data, width, height, channels } = await pixelsOf(png);
  const box = { left: width, right: -1, top: height, bottom: -1 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = (y * width + x) * channels;
      if (colour.some((value, i) => data[start + i] !== value)) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

const grey = (value: number) => [value, value, value];
const rgb = (hex: string) => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
const colourOf = (example: Omit<PredictedExample, 'picture'>) => rgb(verdictOf(example).colour);

describe('the picture of predictions', () => {
  it('shows the right ones apart from the wrong ones, as large squares of the true colours', async () => {
    const png = await renderPredictions(drawingOf([WRONG, RIGHT, UNKNOWN, WRONG, RIGHT, BROKEN]));
    const boxes = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => boxOf(png, grey(i * 20))));
    const [firstWrong, firstRight, unknown, secondWrong, secondRight, broken] = boxes;
    for (const box of boxes) {
      expect(box.right - box.left).toBe(159);
      expect(box.bottom - box.top).toBe(159);
    }
    expect(secondRight?.top).toBe(firstRight?.top);
    expect(secondRight?.left).toBeGreaterThan(firstRight?.right ?? 0);
    expect(firstWrong?.top).toBeGreaterThan(firstRight?.bottom ?? 0);
    expect(secondWrong?.left).toBeGreaterThan(firstWrong?.right ?? 0);
    expect(broken?.top).toBeGreaterThanOrEqual(firstWrong?.top ?? Number.NaN);
    expect(unknown?.top).toBeGreaterThan(broken?.bottom ?? 0);
  });

  it('frames each in the colour of its verdict, with a bar as long as the probability', async () => {
    for (const example of [RIGHT, WRONG, UNKNOWN]) {
      const png = await renderPredictions(drawingOf([example]));
      const { at } = await pixelsOf(png);
      const { left, bottom, top } = await boxOf(png, grey(20));
      expect(at(left - 2, top + 80)).toEqual(colourOf(example));
      const bar = bottom + 1 + 33;
      const long = left + 160 * example.probability;
      expect(at(Math.round(long) - 2, bar)).toEqual(colourOf(example));
      if (example.probability < 1) expect(at(Math.round(long) + 2, bar)).toEqual(rgb('#e4e7ec'));
    }
  });

  it('tells right from wrong without colour, too', () => {
    const shapes = VERDICTS.map((verdict) => verdictMark({ ...verdict, colour: '#000000' }, 0, 0, 10));
    expect(new Set(shapes).size).toBe(3);
    expect(new Set(VERDICTS.map(({ title }) => title)).size).toBe(3);
    expect(verdictOf({ predicted: -1, truth: 0 }).title).toBe('wrong');
  });

  it('is drawn for nothing at all, for one picture and for many', async () => {
    const { height: none } = await pixelsOf(await renderPredictions(drawingOf([])));
    const one = await pixelsOf(await renderPredictions(drawingOf([RIGHT])));
    const many = await pixelsOf(await renderPredictions(drawingOf(new Array(60).fill(WRONG))));
    expect(none).toBeLessThan(one.height);
    expect(many.width / many.height).toBeGreaterThan(1);
    expect(many.width / many.height).toBeLessThan(2);
  });

  it('is written as a whole or not at all', async () => {
    const folder = await scratchFolder({});
    await drawPredictions({ ...drawingOf([RIGHT]), path: join(folder, 'a', 'predictions.png') });
    expect(await readdir(join(folder, 'a'))).toEqual(['predictions.png']);
    const onFolder = drawPredictions({ ...drawingOf([RIGHT]), path: join(folder, 'a') });
    await expect(onFolder).rejects.toThrow(UserError);
  });
});
