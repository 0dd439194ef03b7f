import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { learningRateAt, learningRateSchedule } from '../../runtime/train/schedule.ts';

const reference = z.object({
  table: z.array(
    z.object({
      args: z.object({ lr: z.number(), min_lr: z.number(), warmup_epochs: z.number(), epochs: z.number() }),
      values: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});

const file = new URL('../fixtures/reference/j_lr_sched.json', import.meta.url);
const recorded = reference.parse(JSON.parse(readFileSync(file, 'utf8')));

describe('the learning rate', () => {
  test.each(recorded.table)(
    'is the official one: peak $args.lr, minimum $args.min_lr',
    ({ args, values }) => {
      expect(values.length).toBeGreaterThan(100);
      const schedule = {
        peak: args.lr,
        minimum: args.min_lr,
        warmup: args.warmup_epochs,
        epochs: args.epochs,
      };
      for (const [epoch, expected] of values) {
        // Both are float64; only the last bits of the cosine may differ between the two mathematics libraries.
        expect(Math.abs(learningRateAt(schedule, epoch) - expected)).toBeLessThanOrEqual(args.lr * 4e-16);
      }
    },
  );

  test('scales linearly with the global batch', () => {
    const optimizer = { baseLearningRate: 1.5e-4, learningRatePer: 256 };
    const schedule = learningRateSchedule({
      batch: 4096,
      epochs: 800,
      warmup: 40,
      minimumLearningRate: 0,
      optimizer,
    });
    expect(schedule).toEqual({ peak: 2.4e-3, minimum: 0, warmup: 40, epochs: 800 });
    expect(learningRateAt(schedule, 20)).toBeCloseTo(1.2e-3, 15);
  });

  test('starts at its peak without a warm-up', () => {
    const schedule = { peak: 1, minimum: 0.2, warmup: 0, epochs: 10 };
    expect(learningRateAt(schedule, 0)).toBe(1);
    expect(learningRateAt(schedule, 10)).toBe(0.2);
  });
});
