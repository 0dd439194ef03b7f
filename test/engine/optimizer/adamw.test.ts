import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AdamWSettings, StepSettings } from '../../../runtime/engine/engine.ts';
import { ParameterArena } from '../../../runtime/engine/optimizer/parameter-arena.ts';
import { takeStep } from '../../../runtime/engine/optimizer/take-step.ts';
import { Random } from '../../../runtime/random.ts';
import { loadReferenceCase, recordedFolder, relativeDeviation } from '../../reference/reference-case.ts';

const SETTINGS: AdamWSettings & StepSettings = {
  kind: 'adamw',
  learningRate: 1e-2,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
};

/** One parameter, a matrix that decays. */
const parameter = (elements: number) => {
  return { name: 'p', elements, trainable: true, decay: true, shape: [1, elements] };
};

describe('adamw', () => {
  test('rounds to float32 after every operation, in the order that its kernel states', () => {
    const p = parameter(1003);
    const arena = new ParameterArena([p]);
    const random = Random.from('rounding');
    const f = Math.fround;
    const value = random.fillNormal(arena.value('p')).slice();
    const [first, second] = [new Float32Array(1003), new Float32Array(1003)];
    for (let step = 1; step <= 5; step++) {
      const gradient = random.fillNormal(arena.gradient('p'), 10 ** random.uniform(-6, 2));
      takeStep(arena, [p], SETTINGS, step);
      const rate = f(1e-2 / (1 - 0.9 ** step));
      const correction = f(1 / Math.sqrt(1 - 0.95 ** step));
      gradient.forEach((g, i) => {
        const m = f(f((first[i] ?? 0) * f(0.9)) + f(g * f(1 - 0.9)));
        const v = f(f((second[i] ?? 0) * f(0.95)) + f(f(g * g) * f(1 - 0.95)));
        const divisor = f(f(f(Math.sqrt(v)) * correction) + f(1e-8));
        value[i] = f(f((value[i] ?? 0) * f(1 - 1e-2 * 0.05)) - f(f(m * rate) / divisor));
        first[i] = m;
        second[i] = v;
      });
      expect(arena.value('p')).toEqual(value);
      expect(arena.firstMoment('p')).toEqual(first);
      expect(arena.secondMoment('p')).toEqual(second);
    }
  });

  test('a constant gradient moves every value by the learning rate, against its sign', () => {
    const arena = new ParameterArena([parameter(6)]);
    arena.gradient('p').set([3, -2, 1e-3, -1e3, 1, -1]);
    for (let step = 1; step <= 20; step++)
      takeStep(arena, [parameter(6)], { ...SETTINGS, weightDecay: 0 }, step);
    // m̂ = g and v̂ = g² at every step, so each update is the rate times g / (|g| + epsilon).
    expect(relativeDeviation(arena.value('p'), [-0.2, 0.2, -0.2, 0.2, -0.2, 0.2])).toBeLessThan(2e-5);
    const moment = 1 - 0.9 ** 20;
    const first = [3, -2, 1e-3, -1e3, 1, -1].map((g) => g * moment);
    expect(relativeDeviation(arena.firstMoment('p'), first)).toBeLessThan(1e-6);
    const second = [9, 4, 1e-6, 1e6, 1, 1].map((square) => square * (1 - 0.95 ** 20));
    expect(relativeDeviation(arena.secondMoment('p'), second)).toBeLessThan(2e-6);
  });

  test('without gradients the values only decay', () => {
    const arena = new ParameterArena([parameter(5)]);
    arena.value('p').set([1, -2, 3, -4, 5]);
    for (let step = 1; step <= 100; step++) takeStep(arena, [parameter(5)], SETTINGS, step);
    const left = (1 - 1e-2 * 0.05) ** 100;
    expect(
      relativeDeviation(
        arena.value('p'),
        [1, -2, 3, -4, 5].map((value) => value * left),
      ),
    ).toBeLessThan(6e-6);
  });

  test('agrees with the official optimizer on its recorded first step', async () => {
    const reference = await loadReferenceCase('a_mae_tiny', recordedFolder);
    const { optimizer } = z
      .object({
        optimizer: z.object({
          lr: z.number(),
          betas: z.tuple([z.number(), z.number()]),
          eps: z.number(),
          groups: z.array(z.object({ weight_decay: z.number(), params: z.array(z.string()) })),
        }),
      })
      .parse(reference.json);
    const names = optimizer.groups.flatMap(({ params }) => params);
    const arena = new ParameterArena(
      names.map((name) => ({ name, elements: reference.float64(name).length, trainable: true })),
    );
    for (const name of names) {
      arena.value(name).set(reference.float64(name));
      arena.gradient(name).set(reference.float64(`grad.${name}`));
    }
    for (const { weight_decay, params } of optimizer.groups) {
      const { lr, betas, eps } = optimizer;
      const parameters = params.map((name) => ({ name, shape: [], decay: true }));
      const settings = { kind: 'adamw', betas, epsilon: eps, weightDecay: weight_decay } as const;
      takeStep(arena, parameters, { ...settings, learningRate: lr }, 1);
    }
    for (const name of names) {
      const deviation = relativeDeviation(arena.value(name), reference.float64(`step1.${name}`));
      expect([name, deviation]).toSatisfy(([, value]) => value < 5e-7);
    }
  });

  test('refuses an epsilon that is zero in float32', () => {
    const arena = new ParameterArena([parameter(1)]);
    const update = { ...SETTINGS, epsilon: 1e-60 };
    expect(() => takeStep(arena, [parameter(1)], update, 1)).toThrow('epsilon above 0');
  });
});
