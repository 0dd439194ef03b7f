import { describe, expect, it } from 'vitest';
import { blendReversed, drawMixing, mixBatch, mixImages } from '../../../runtime/data/augment/mixing.ts';
import { softTargets } from '../../../runtime/data/augment/soft-targets.ts';
import { Random } from '../../../runtime/random.ts';
import { floats, standardErrors } from './pictures.ts';
import { recorded } from './recorded-timm.ts';

const shape = { channels: 2, height: 6, width: 7 };
const official = { mixup: 0.8, cutmix: 1, probability: 1, switching: 0.5 };
const { images, labels, cases, drawn } = recorded.mixing;

describe('mixing', () => {
  it.each(cases.map((entry, i) => ({ ...entry, i })))(
    "gives timm's images and targets: case $i, share $share",
    ({ share, box, ...expected }) => {
      const mixed = floats(images);
      mixImages(mixed, shape, box === undefined ? { share } : { share, box });
      expect(mixed).toEqual(floats(expected.images));
      const targets = softTargets(labels, 5, { smoothing: 0.1 });
      blendReversed(targets, 5, share);
      expect(targets).toEqual(floats(expected.targets));
    },
  );

  it.each(Object.entries(drawn))(
    'draws shares of %s (mixup, cutmix) as timm does',
    (name, { cut, moments }) => {
      const [size = '', mixup = 0, cutmix = 0] = name
        .split(' ')
        .map((part, i) => (i === 0 ? part : Number(part)));
      const [height = 0, width = 0] = String(size).split('x').map(Number);
      const settings = { ...official, mixup: Number(mixup), cutmix: Number(cutmix) };
      const count = 40_000;
      const all = Array.from({ length: count }, (_, i) =>
        drawMixing(settings, { height, width }, Random.from('mixing', i)),
      );
      // timm's 400 000 draws have an error of their own.
      const ofBoth = Math.sqrt(1 + count / 400_000);
      const cuts = all.map(({ box }) => Number(box !== undefined));
      if (cut === 0 || cut === 1) expect(new Set(cuts)).toEqual(new Set([cut]));
      else expect(standardErrors(cuts, cut, cut * (1 - cut))).toBeLessThan(4 * ofBoth);
      const [mean, square, fourth] = moments;
      const shares = all.map(({ share }) => share);
      expect(standardErrors(shares, mean, square - mean ** 2)).toBeLessThan(4 * ofBoth);
      const squares = shares.map((share) => share ** 2);
      expect(standardErrors(squares, square, fourth - square ** 2)).toBeLessThan(4 * ofBoth);
    },
  );

  it('counts the area that a box has within the image', () => {
    for (let i = 0; i < 500; i++) {
      const { share, box } = drawMixing({ ...official, mixup: 0 }, { height: 9, width: 14 }, Random.from(i));
      if (box === undefined) throw new Error('CutMix alone always cuts');
      expect(box.top >= 0 && box.left >= 0).toBe(true);
      expect(box.top + box.height <= 9 && box.left + box.width <= 14).toBe(true);
      expect(share).toBe(1 - (box.height * box.width) / 126);
    }
  });

  it('mixes a batch with one drawn mixing, which follows from the stream', () => {
    for (let i = 0; i < 20; i++) {
      const expected = { images: floats(images), targets: softTargets(labels, 5) };
      const mixing = drawMixing(official, shape, Random.from('batch', i));
      mixImages(expected.images, shape, mixing);
      blendReversed(expected.targets, 5, mixing.share);
      const batch = { images: floats(images), targets: softTargets(labels, 5) };
      const done = mixBatch(batch.images, shape, batch.targets, official, Random.from('batch', i));
      expect(done).toEqual(mixing);
      expect(batch).toEqual(expected);
      expect(batch.targets.reduce((sum, value) => sum + value, 0)).toBeCloseTo(4, 5);
    }
  });

  it('leaves the middle image of an odd batch to itself', () => {
    const rows = Float32Array.of(1, 2, 3, 4, 5, 6);
    blendReversed(rows, 2, 0.25);
    expect([...rows]).toEqual([4, 5, 3, 4, 2, 3]);
  });

  it('mixes as often as asked, and never where both are off', () => {
    const shares = (settings: typeof official) =>
      Array.from({ length: 4000 }, (_, i) => drawMixing(settings, shape, Random.from('off', i)).share);
    const mixed = shares({ ...official, cutmix: 0, probability: 0.3 }).map((share) => Number(share !== 1));
    expect(standardErrors(mixed, 0.3, 0.21)).toBeLessThan(4);
    expect(new Set(shares({ ...official, mixup: 0, cutmix: 0 }))).toEqual(new Set([1]));
  });
});
