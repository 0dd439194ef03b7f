import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawConfusion, renderConfusion } from '../../runtime/evaluate/confusion-picture.ts';
import { depthOf, heatColour, heatMapPixels, heatMapScale } from '../../runtime/evaluate/heat-map.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder } from '../data/scratch-folder.ts';
import { summaryOf } from './summary-of.ts';

/** Three of four right, one taken for the other; all wrong; none there. */
const summary = summaryOf([
  [3, 1, 0],
  [2, 0, 0],
  [0, 0, 0],
]);
const NAMES = ['cat', 'dog', 'owl'];

const luminance = ([red, green, blue]: readonly number[]) =>
  0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);

describe('the colours of the confusion matrix', () => {
  it.each(['right', 'wrong'] as const)('darken steadily from white: %s', (kind) => {
    const shades = Array.from({ length: 21 }, (_, i) => luminance(heatColour(kind, i / 20)));
    expect(heatColour(kind, 0)).toEqual([255, 255, 255]);
    shades.slice(1).forEach((shade, i) => {
      expect(shade).toBeLessThan(shades[i] ?? 0);
    });
  });

  it('are those of the share of the true class, apart for right and wrong', () => {
    const scale = heatMapScale(3, 30, 100);
    expect(scale).toEqual({ group: 1, fields: 3, pixels: 10 });
    const pixels = heatMapPixels(summary, scale);
    const at = (row: number, column: number) => [
      ...pixels.subarray(
        ((row * 10 + 4) * 30 + column * 10 + 4) * 3,
        ((row * 10 + 4) * 30 + column * 10 + 4) * 3 + 3,
      ),
    ];
    expect(at(0, 0)).toEqual(heatColour('right', Math.sqrt(0.75)));
    expect(at(0, 1)).toEqual(heatColour('wrong', 0.5));
    expect(at(1, 0)).toEqual(heatColour('wrong', 1));
    expect(at(1, 1)).toEqual([255, 255, 255]);
    // A class without pictures is neither.
    expect(at(2, 2)).toEqual([0xf1, 0xf3, 0xf6]);
    expect(depthOf(0.01)).toBeCloseTo(0.1, 12);
  });

  it('are of several classes together where fields would be too small', () => {
    const four = summaryOf([
      [1, 1, 0, 0],
      [0, 2, 0, 0],
      [0, 3, 0, 0],
      [0, 0, 0, 1],
    ]);
    const scale = heatMapScale(4, 4, 100);
    expect(scale).toEqual({ group: 2, fields: 2, pixels: 2 });
    const pixels = heatMapPixels(four, scale);
    const at = (row: number, column: number) => [
      ...pixels.subarray((row * 2 * 4 + column * 2) * 3, (row * 2 * 4 + column * 2) * 3 + 3),
    ];
    // Of four pictures of the first two classes three are right, of four of the others one; three were taken for the former.
    expect(at(0, 0)).toEqual(heatColour('right', Math.sqrt(0.75)));
    expect(at(0, 1)).toEqual([255, 255, 255]);
    expect(at(1, 0)).toEqual(heatColour('wrong', Math.sqrt(0.75)));
    expect(at(1, 1)).toEqual(heatColour('right', 0.5));
  });
});

describe('the picture of the confusion matrix', () => {
  it('shows the matrix in its place, with its numbers', async () => {
    const drawing = { summary, classNames: NAMES, title: 'vit-test', caption: 'epoch 3' };
    const { data, info } = await sharp(await renderConfusion(drawing))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const colours = new Map<string, { count: number; left: number; top: number }>();
    for (let i = 0; i < info.width * info.height; i++) {
      const key = data.subarray(i * info.channels, i * info.channels + 3).join();
      const seen = colours.get(key) ?? { count: 0, left: info.width, top: info.height };
      seen.count++;
      seen.left = Math.min(seen.left, i % info.width);
      seen.top = Math.min(seen.top, Math.floor(i / info.width));
      colours.set(key, seen);
    }
    const area = (kind: 'right' | 'wrong', share: number) =>
      colours.get(heatColour(kind, depthOf(share)).join());
    const [right, few, all] = [area('right', 0.75), area('wrong', 0.25), area('wrong', 1)];
    if (right === undefined || few === undefined || all === undefined) throw new Error('a field is missing');
    // Fields of 128 pixels of which numbers take a part.
    for (const { count } of [right, few, all]) {
      expect(count).toBeGreaterThan(0.8 * 127 * 127);
      expect(count).toBeLessThan(127 * 127);
    }
    expect([few.left - right.left, few.top - right.top]).toEqual([128, 0]);
    expect([all.left - right.left, all.top - right.top]).toEqual([0, 128]);
  });

  it.each([1, 2, 61, 700])('is drawn for any number of classes: %i', async (classes) => {
    const matrix = {
      classes,
      confusion: new Int32Array(classes * classes),
      support: new Int32Array(classes),
    };
    const classNames = Array.from({ length: classes }, (_, i) => `the class with number ${i}`);
    const png = await renderConfusion({
      summary: { ...matrix, pictures: 0, top1: Number.NaN },
      classNames,
      title: 'vit-test',
    });
    const { width = 0, height = 0 } = await sharp(png).metadata();
    expect(width).toBeGreaterThan(600);
    expect(width).toBeLessThan(2000);
    expect(height).toBeLessThan(2000);
  });

  it('is written as a whole or not at all', async () => {
    const folder = await scratchFolder({});
    const drawing = { summary, classNames: NAMES, title: 'vit-test' };
    await drawConfusion({ ...drawing, path: join(folder, 'confusion.png') });
    expect(await readdir(folder)).toEqual(['confusion.png']);
    const onFile = drawConfusion({ ...drawing, path: join(folder, 'confusion.png', 'x.png') });
    await expect(onFile).rejects.toThrow(UserError);
  });
});
