import { describe, expect, it } from 'vitest';
import { eraseRandomly } from '../../../runtime/data/augment/random-erasing.ts';
import { Random } from '../../../runtime/random.ts';
import { standardErrors } from './pictures.ts';
import { recorded } from './recorded-timm.ts';

const settings = { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] } as const;

/** No channels: the rectangle alone is drawn. */
const boxOf = (height: number, width: number, key: number, probability: number = settings.probability) =>
  eraseRandomly(
    new Float32Array(),
    { channels: 0, height, width },
    { ...settings, probability },
    Random.from('box', key),
  );

describe('random erasing', () => {
  it.each(Object.entries(recorded.erasing))(
    'draws rectangles of %s as timm does',
    (name, { share, moments }) => {
      const [height = 0, width = 0] = name.split('x').map(Number);
      const count = 40_000;
      const drawn = Array.from({ length: count }, (_, key) => boxOf(height, width, key));
      // timm's 200 000 draws have an error of their own.
      const ofBoth = Math.sqrt(1 + count / 200_000);
      const erased = drawn.map((box) => Number(box !== undefined));
      expect(standardErrors(erased, share, share * (1 - share))).toBeLessThan(4 * ofBoth);
      const boxes = drawn.filter((box) => box !== undefined);
      const columns = [
        boxes.map((box) => box.top),
        boxes.map((box) => box.left),
        boxes.map((box) => box.height),
        boxes.map((box) => box.width),
        boxes.map((box) => box.height * box.width),
      ];
      expect(moments).toHaveLength(columns.length);
      for (const [i, [mean, variance]] of moments.entries()) {
        expect(standardErrors(columns[i] ?? [], mean, variance)).toBeLessThan(4 * ofBoth);
      }
    },
  );

  it('fills the rectangle with standard normal noise, and nothing else', () => {
    const shape = { channels: 3, height: 40, width: 56 };
    const noise: number[] = [];
    for (let key = 0; key < 60; key++) {
      const image = new Float32Array(3 * 40 * 56).fill(9);
      const box = eraseRandomly(image, shape, { ...settings, probability: 1 }, Random.from('noise', key));
      if (box === undefined) throw new Error('a rectangle fits');
      let outside = 0;
      for (let i = 0; i < image.length; i++) {
        const x = i % 56;
        const y = Math.floor(i / 56) % 40;
        const inside = x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height;
        if (inside) noise.push(image[i] ?? Number.NaN);
        else if (image[i] === 9) outside++;
      }
      expect(outside).toBe(3 * (40 * 56 - box.height * box.width));
    }
    expect(noise.length).toBeGreaterThan(30_000);
    for (const [power, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [4, 3, 96],
    ] as const) {
      const powers = noise.map((value) => value ** power);
      expect(standardErrors(powers, mean, variance)).toBeLessThan(4);
    }
  });

  it('always erases at probability 1, never at 0, and gives up where no rectangle fits', () => {
    for (let key = 0; key < 200; key++) {
      expect(boxOf(64, 64, key, 1)).toBeDefined();
      expect(boxOf(64, 64, key, 0)).toBeUndefined();
      // One pixel is as wide as the picture.
      expect(boxOf(1, 1, key, 1)?.height ?? 0).toBe(0);
    }
  });
});
