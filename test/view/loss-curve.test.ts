import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Random } from '../../runtime/random.ts';
import { drawLossCurve, lossCurveSvg } from '../../runtime/view/loss-curve.ts';
import {
  drawable,
  type LossPoint,
  lossRange,
  smoothSeries,
  thinned,
} from '../../runtime/view/loss-series.ts';
import { roundTicks, shortNumber } from '../../runtime/view/ticks.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

/** A run of so many steps whose loss is the epoch's number plus or minus a tenth in turn. */
function run(steps: number, perEpoch: number): LossPoint[] {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    epoch: (i + 1) / perEpoch,
    learningRate: 1e-4 * (1 - i / steps),
    loss: Math.floor(i / perEpoch) + 1 + (i % 2 === 0 ? 0.1 : -0.1),
  }));
}

describe('ticks', () => {
  it('are round, inside the interval, and about as many as wanted', () => {
    expect(roundTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(roundTicks(0.31, 1.14, 6)).toEqual([0.4, 0.6, 0.8, 1]);
    expect(roundTicks(0, 1.6e-4, 2)).toEqual([0, 1e-4]);
    expect(roundTicks(1, 60_000, 8)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(roundTicks(3, 3, 5)).toEqual([3]);
  });

  it('are written shortly', () => {
    expect([0, 0.35, 1500, 20_000, 1.5e6, 1.5e-4, 1e-4, 0.6000000001].map(shortNumber)).toEqual([
      '0',
      '0.35',
      '1500',
      '20k',
      '1.5M',
      '1.5e-4',
      '1e-4',
      '0.6',
    ]);
  });
});

describe('the smooth course of a loss', () => {
  it('is the mean of each epoch at its middle, the step that ends it included', () => {
    const { points, meaning } = smoothSeries(run(120, 10));
    expect(meaning).toBe('mean of each epoch');
    expect(points).toHaveLength(12);
    points.forEach(([step, loss], epoch) => {
      expect(step).toBeCloseTo(epoch * 10 + 5.5, 9);
      expect(loss).toBeCloseTo(epoch + 1, 9);
    });
  });

  it('is a moving mean while there are few epochs', () => {
    const constant = run(400, 1000);
    const { points, meaning } = smoothSeries(constant);
    expect(meaning).toBe('mean over 11 steps');
    // Eleven losses of 1.1 and 0.9 in turn, six of them 0.9.
    expect(points[200]?.[1]).toBeCloseTo((5 * 1.1 + 6 * 0.9) / 11, 9);
    // At the end there are six: three of each.
    expect(points.at(-1)?.[1]).toBeCloseTo(1, 9);
  });

  it('leaves out losses that are not finite, and puts the steps in order', () => {
    const points = run(3, 1);
    const broken = { step: 9, epoch: 3, learningRate: 0, loss: Number.NaN };
    expect(
      drawable([points[2], broken, points[0], points[1]].filter((point) => point !== undefined)),
    ).toEqual(points);
  });
});

describe('a long run', () => {
  it('is thinned to its outline: every high and low stays', () => {
    const random = Random.from('long');
    const points = Array.from(
      { length: 50_000 },
      (_, i) => [i, i === 31_234 ? 99 : random.normal()] as const,
    );
    const few = thinned(points, 500);
    expect(few.length).toBeLessThanOrEqual(4 * 501);
    expect(few.some(([step, loss]) => step === 31_234 && loss === 99)).toBe(true);
    for (const group of [0, 100, 499]) {
      const inGroup = points.slice(group * 100, group * 100 + 99).map(([, y]) => y);
      const kept = few.filter(([x]) => x >= group * 100 && x < (group + 1) * 100).map(([, y]) => y);
      expect(Math.max(...kept)).toBeGreaterThanOrEqual(Math.max(...inGroup));
      expect(Math.min(...kept)).toBeLessThanOrEqual(Math.min(...inGroup));
    }
    expect(thinned(points.slice(0, 100), 500)).toEqual(points.slice(0, 100));
  });

  it('is not flattened by one outlier', () => {
    const points = run(1000, 2000).map((point) => (point.step === 500 ? { ...point, loss: 1000 } : point));
    const calm = points.filter((point) => point.loss < 10).map(({ step, loss }) => [step, loss] as const);
    const [low, high] = lossRange(points, calm);
    expect(low).toBeGreaterThan(0.8);
    expect(high).toBeLessThan(1.2);
  });
});

describe('the drawing', () => {
  it('is an SVG without fonts and a PNG of twice its size, with the last value in blue at the end of the line', async () => {
    const folder = await scratchFolder({});
    const path = join(folder, 'loss.png');
    await drawLossCurve({ points: run(120, 10), title: 'vit-pico', caption: 'pretraining', path });
    const svg = await readFile(join(folder, 'loss.svg'), 'utf8');
    expect(svg).not.toMatch(/<text|font/);
    expect(svg).not.toContain('NaN');
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([1800, 1120, 3]);
    const [, x = '0', y = '0'] = svg.match(/<circle cx="([\d.]+)" cy="([\d.]+)"/) ?? [];
    const offset = (Math.round(2 * Number(y)) * info.width + Math.round(2 * Number(x))) * 3;
    expect([...data.subarray(offset, offset + 3)]).toEqual([0x25, 0x58, 0xd4]);
    // A loss that only rises ends near the top right.
    expect(Number(x)).toBeGreaterThan(780);
    expect(Number(y)).toBeLessThan(150);
  });

  it.each([0, 1, 2, 11])('can be made of %i steps', async (steps) => {
    const svg = lossCurveSvg({ points: run(steps, 4), title: 'short' });
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('Infinity');
    expect((await sharp(Buffer.from(svg)).metadata()).width).toBe(1800);
  });
});
