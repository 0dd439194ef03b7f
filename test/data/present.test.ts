import { describe, expect, it } from 'vitest';
import { drawOperations } from '../../runtime/data/augment/rand-augment.ts';
import { eraseRandomly } from '../../runtime/data/augment/random-erasing.ts';
import type { Placement } from '../../runtime/data/crop.ts';
import { normalizationTable } from '../../runtime/data/normalize.ts';
import { type Augmentation, presentInto, presentPlacedInto } from '../../runtime/data/present.ts';
import { mirror, normalizeInto, resizeInto, resizePixels } from '../../runtime/data/resize.ts';
import { Random } from '../../runtime/random.ts';
import { picture } from './augment/pictures.ts';

const randAugment = {
  magnitude: 9,
  deviation: 0.5,
  increasing: true,
  operations: 2,
  probability: 1,
  fill: [124, 116, 104],
};
const erasing = { probability: 1, area: [0.1, 0.3], aspect: [0.3, 3.3] } as const;
const shape = { channels: 3, height: 18, width: 22 };
const table = normalizationTable({
  channels: 3,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
});
const pixels = picture(29, 37, 3);
const placement = (flip: boolean): Placement => ({
  source: { top: 3, left: 2, height: 24, width: 31 },
  resized: { height: 18, width: 22 },
  window: { top: 0, left: 0, height: 18, width: 22 },
  flip,
});
const streams = (key: number) => ({
  colorJitter: Random.from('jitter', key),
  randAugment: Random.from('augment', key),
  erasing: Random.from('erasing', key),
});

function present(augmentation: Augmentation, flip: boolean, key: number): Float32Array {
  const target = new Float32Array(3 * 18 * 22);
  presentInto(pixels, { placement: placement(flip), ...augmentation }, streams(key), table, target);
  return target;
}

describe('resizing to bytes', () => {
  it.each([1, 3, 4])('gives the bytes of which resizeInto makes numbers: %i channels', (channels) => {
    const source = picture(29, 37, channels);
    const identity = Float32Array.from({ length: channels * 256 }, (_, i) => i % 256);
    for (const flip of [false, true]) {
      const planes = new Float32Array(channels * 18 * 22);
      resizeInto(source, placement(flip), identity, planes);
      const again = new Float32Array(planes.length);
      normalizeInto(resizePixels(source, placement(flip)), false, identity, again);
      expect(again).toEqual(planes);
    }
  });

  it('mirrors as the placement does', () => {
    expect(mirror(resizePixels(pixels, placement(false)))).toEqual(resizePixels(pixels, placement(true)));
  });
});

describe('presenting a picture', () => {
  it('is the resize alone when nothing else is on', () => {
    const expected = new Float32Array(3 * 18 * 22);
    resizeInto(pixels, placement(true), table, expected);
    expect(present({}, true, 1)).toEqual(expected);
    const off = {
      randAugment: { ...randAugment, magnitude: 0 },
      erasing: { ...erasing, probability: 0 },
    };
    expect(present(off, true, 1)).toEqual(expected);
  });

  it('resizes, mirrors, augments, normalises and erases, in this order', () => {
    for (let key = 0; key < 12; key++) {
      let expected = resizePixels(pixels, placement(true));
      for (const { operation, argument } of drawOperations(randAugment, streams(key).randAugment)) {
        expected = operation.apply(expected, argument, randAugment.fill);
      }
      const numbers = new Float32Array(3 * 18 * 22);
      normalizeInto(expected, false, table, numbers);
      expect(present({ randAugment }, true, key)).toEqual(numbers);
      const box = eraseRandomly(numbers, shape, erasing, streams(key).erasing);
      expect(box).toBeDefined();
      expect(present({ randAugment, erasing }, true, key)).toEqual(numbers);
    }
  });

  it('erases the same whether or not RandAugment is on', () => {
    const box = eraseRandomly(new Float32Array(3 * 18 * 22), shape, erasing, streams(5).erasing);
    if (box === undefined) throw new Error('a rectangle fits');
    const middle = (box.top + (box.height >> 1)) * 22 + box.left + (box.width >> 1);
    const erased = present({ erasing }, false, 5)[middle];
    expect(erased).not.toBe(present({}, false, 5)[middle]);
    expect(present({ randAugment, erasing }, false, 5)[middle]).toBe(erased);
  });

  it('makes the same of pixels that are placed already', () => {
    const placed = resizePixels(pixels, placement(false));
    for (const augmentation of [{}, { randAugment }, { erasing }, { randAugment, erasing }]) {
      const target = new Float32Array(3 * 18 * 22);
      presentPlacedInto(placed, true, augmentation, streams(3), table, target);
      expect(target).toEqual(present(augmentation, true, 3));
    }
  });
});
