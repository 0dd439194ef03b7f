import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { evaluationCrop } from '../../../runtime/data/augment/evaluation-crop.ts';
import { resizePixels } from '../../../runtime/data/resize.ts';
import { picture } from './pictures.ts';

/** torchvision 0.29, by record.py: picture height and width, side, resized height and width, top and left of the crop. */
const recorded = z
  .object({
    cases: z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.int(), z.int(), z.int()])),
    small: z.base64(),
  })
  .parse(JSON.parse(readFileSync(new URL('./record/torchvision.json', import.meta.url), 'utf8')));

describe('the evaluation crop', () => {
  it("has torchvision's sizes and corners, at the official share of each size", () => {
    for (const [height, width, side, resizedHeight, resizedWidth, top, left] of recorded.cases) {
      const image = { height: side, width: side };
      expect(evaluationCrop({ height, width }, image), `${height}x${width} to ${side}`).toEqual({
        source: { top: 0, left: 0, height, width },
        resized: { height: resizedHeight, width: resizedWidth },
        window: { top, left, ...image },
        flip: false,
      });
    }
  });

  it("gives torchvision's bytes", () => {
    const pixels = picture(29, 37, 3);
    const cropped = resizePixels(pixels, evaluationCrop(pixels, { height: 16, width: 16 }));
    expect([...cropped.data]).toEqual([...Buffer.from(recorded.small, 'base64')]);
  });

  it('covers an image that is not square', () => {
    expect(evaluationCrop({ height: 300, width: 300 }, { height: 28, width: 56 })).toMatchObject({
      resized: { height: 64, width: 64 },
      window: { top: 18, left: 4, height: 28, width: 56 },
    });
  });

  it('refuses a share that leaves the image uncovered', () => {
    const size = { height: 32, width: 32 };
    for (const share of [0, -1, 1.01, Number.NaN]) {
      expect(() => evaluationCrop(size, size, share)).toThrow(RangeError);
    }
  });
});
