import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { STORES, storeParameter, type TestedStore } from './stores.ts';

const numbers = z.array(z.number());
const step = { learningRate: z.number(), clip: z.number().optional(), weightDecay: z.number() };
const rateScales = z.record(z.string(), z.number()).default({});
const update = z.discriminatedUnion('kind', [
  z.object({
    ...step,
    rateScales,
    kind: z.literal('adamw'),
    betas: z.tuple([z.number(), z.number()]),
    epsilon: z.number(),
  }),
  z.object({ ...step, rateScales, kind: z.literal('sgd'), momentum: z.number(), nesterov: z.boolean() }),
]);
/** What PyTorch did in float64, as record/torch_steps.py recorded it. */
const recorded = z
  .object({
    parameters: z.array(
      z.object({
        name: z.string(),
        shape: numbers,
        decay: z.boolean(),
        value: numbers,
        gradients: z.array(numbers),
      }),
    ),
    cases: z.array(
      z.object({ name: z.string(), update, values: z.record(z.string(), numbers), norms: numbers }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('torch-steps.json', import.meta.url), 'utf8')));

describe.each(Object.entries(STORES))('on %s, three steps are those of torch:', (_, open) => {
  let tested: TestedStore;

  beforeEach(async () => {
    tested = await open(
      recorded.parameters.map(({ name, shape, decay }) => storeParameter(name, shape, decay)),
    );
    await tested.store.loadParameters(
      recorded.parameters.map(({ name, shape, value }) => ({ name, shape, data: Float32Array.from(value) })),
    );
  });
  afterEach(() => tested.close());

  it.each(recorded.cases.map((each) => [each.name, each] as const))(
    '%s',
    async (_name, { update, ...expected }) => {
      const { clip, rateScales, ...settings } = update;
      const norms: number[] = [];
      for (const index of [0, 1, 2]) {
        await tested.accumulate(
          new Map(recorded.parameters.map(({ name, gradients }) => [name, gradients[index] ?? []])),
        );
        const { gradientNorm } = await tested.store.update({
          ...settings,
          ...(clip === undefined ? {} : { clip }),
          rateScales: new Map(Object.entries(rateScales)),
        });
        if (gradientNorm !== undefined) norms.push(gradientNorm);
      }
      expect(norms.length).toBe(expected.norms.length);
      if (norms.length > 0) expect(relativeDeviation(norms, expected.norms)).toBeLessThan(2e-7);
      for (const { name, data } of await tested.store.readParameters()) {
        expect(relativeDeviation(data, expected.values[name] ?? []), name).toBeLessThan(5e-7);
      }
    },
  );
});
