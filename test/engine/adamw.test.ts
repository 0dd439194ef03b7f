import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AdamWStep, ParameterArena } from '../../runtime/engine/adamw/parameter-arena.ts';
import { Random } from '../../runtime/random.ts';
import { loadReferenceCase, recordedFolder, relativeDeviation } from '../reference/reference-case.ts';

const SETTINGS = { learningRate: 1e-2, betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.05 } as const;
/** Every remainder of a vector of four and of a cache line of sixteen, and the smallest ones. */
const LENGTHS = [1, 2, 3, 4, 5, 15, 16, 17, 33, 1000, 1003];

const parametersOf = (lengths: readonly number[]) =>
  lengths.map((elements) => ({ name: `p${elements}`, elements, trainable: true }));

/** AdamW as PyTorch's documentation states it, in float64. */
class Float64AdamW {
  readonly value: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;

  constructor(value: ArrayLike<number>) {
    this.value = Float64Array.from(value);
    this.#first = new Float64Array(value.length);
    this.#second = new Float64Array(value.length);
  }

  step(gradient: ArrayLike<number>, { learningRate, betas, epsilon, weightDecay, step }: AdamWStep): void {
    const [beta1, beta2] = betas;
    for (let i = 0; i < this.value.length; i++) {
      const g = gradient[i] ?? Number.NaN;
      const decayed = (this.value[i] ?? Number.NaN) * (1 - learningRate * weightDecay);
      const first = beta1 * (this.#first[i] ?? 0) + (1 - beta1) * g;
      const second = beta2 * (this.#second[i] ?? 0) + (1 - beta2) * g * g;
      const unbiased = Math.sqrt(second / (1 - beta2 ** step)) + epsilon;
      this.value[i] = decayed - (learningRate * (first / (1 - beta1 ** step))) / unbiased;
      this.#first[i] = first;
      this.#second[i] = second;
    }
  }
}

describe('adamw', () => {
  test.each([
    { memories: 'one memory', shardBytes: undefined },
    { memories: 'a memory for almost every parameter', shardBytes: 4096 },
  ])('follows a float64 loop for ten steps, any length, in $memories', ({ shardBytes }) => {
    const parameters = parametersOf(LENGTHS);
    const arena = new ParameterArena(parameters, shardBytes);
    const random = Random.from('adamw');
    const names = parameters.map(({ name }) => name);
    const expected = new Map(
      names.map((name) => [name, new Float64AdamW(random.fillNormal(arena.value(name)))]),
    );
    const decayed = names.filter((_, i) => i % 2 === 0);
    const others = names.filter((_, i) => i % 2 === 1);
    for (let step = 1; step <= 10; step++) {
      for (const name of names) random.fillNormal(arena.gradient(name), 10 ** random.uniform(-6, 2));
      arena.adamw(decayed, { ...SETTINGS, step });
      arena.adamw(others, { ...SETTINGS, weightDecay: 0, step });
      for (const name of names) {
        const weightDecay = decayed.includes(name) ? SETTINGS.weightDecay : 0;
        expected.get(name)?.step(arena.gradient(name), { ...SETTINGS, weightDecay, step });
      }
    }
    // Ten steps of float32 rounding (6e-8 each) on values and updates of about 1 and 0.01.
    for (const name of names) {
      expect(relativeDeviation(arena.value(name), expected.get(name)?.value ?? [])).toBeLessThan(6e-7);
    }
  });

  test('a constant gradient moves every value by the learning rate, against its sign', () => {
    const arena = new ParameterArena(parametersOf([6]));
    arena.gradient('p6').set([3, -2, 1e-3, -1e3, 1, -1]);
    for (let step = 1; step <= 20; step++) arena.adamw(['p6'], { ...SETTINGS, weightDecay: 0, step });
    // m̂ = g and v̂ = g² at every step, so each update is the rate times g / (|g| + epsilon).
    expect(relativeDeviation(arena.value('p6'), [-0.2, 0.2, -0.2, 0.2, -0.2, 0.2])).toBeLessThan(2e-5);
    const moment = 1 - 0.9 ** 20;
    const first = [3, -2, 1e-3, -1e3, 1, -1].map((g) => g * moment);
    expect(relativeDeviation(arena.firstMoment('p6'), first)).toBeLessThan(1e-6);
    const second = [9, 4, 1e-6, 1e6, 1, 1].map((square) => square * (1 - 0.95 ** 20));
    expect(relativeDeviation(arena.secondMoment('p6'), second)).toBeLessThan(2e-6);
  });

  test('without gradients the values only decay', () => {
    const arena = new ParameterArena(parametersOf([5]));
    arena.value('p5').set([1, -2, 3, -4, 5]);
    for (let step = 1; step <= 100; step++) arena.adamw(['p5'], { ...SETTINGS, step });
    const left = (1 - 1e-2 * 0.05) ** 100;
    expect(
      relativeDeviation(
        arena.value('p5'),
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
      arena.adamw(params, { learningRate: lr, betas, epsilon: eps, weightDecay: weight_decay, step: 1 });
    }
    for (const name of names) {
      const deviation = relativeDeviation(arena.value(name), reference.float64(`step1.${name}`));
      expect([name, deviation]).toSatisfy(([, value]) => value < 5e-7);
    }
  });

  test('refuses a step before the first, and an epsilon that is zero in float32', () => {
    const arena = new ParameterArena(parametersOf([1]));
    expect(() => arena.adamw(['p1'], { ...SETTINGS, step: 0 })).toThrow('steps count from 1');
    expect(() => arena.adamw(['p1'], { ...SETTINGS, epsilon: 1e-60, step: 1 })).toThrow('epsilon above 0');
  });
});

describe('the arena', () => {
  test('has four arrays for a trainable parameter and a value for a frozen one, all zero and aligned', () => {
    const arena = new ParameterArena([
      { name: 'a', elements: 3, trainable: true },
      { name: 'table', elements: 5, trainable: false },
      { name: 'none', elements: 0, trainable: true },
    ]);
    const views = [
      arena.value('a'),
      arena.gradient('a'),
      arena.firstMoment('a'),
      arena.secondMoment('a'),
      arena.microBatchGradient('a'),
      arena.value('table'),
    ];
    views.forEach((view, i) => {
      expect(view).toEqual(new Float32Array(i === 5 ? 5 : 3));
      expect(view.byteOffset % 64).toBe(0);
      expect(view.buffer).toBeInstanceOf(ArrayBuffer);
      view.fill(i + 1);
    });
    // None overlaps another.
    views.forEach((view, i) => {
      expect(new Set(view)).toEqual(new Set([i + 1]));
    });
    expect(() => arena.gradient('table')).toThrow('no gradient of a parameter table');
    expect(() => arena.value('b')).toThrow('no value of a parameter b');
    arena.adamw(['none'], { ...SETTINGS, step: 1 });
    expect(arena.isFinite(arena.value('none'))).toBe(true);
  });

  test('spreads over memories of the given size, each parameter in one', () => {
    // Five arrays of 64 bytes each: three parameters fit into 1000 bytes.
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const arena = new ParameterArena(
      [
        ...names.map((name) => ({ name, elements: 9, trainable: true })),
        { name: 'big', elements: 500, trainable: true },
      ],
      1000,
    );
    const buffers = names.map((name) => arena.value(name).buffer);
    expect(buffers.map((buffer) => buffers.indexOf(buffer))).toEqual([0, 0, 0, 3, 3, 3, 6]);
    for (const name of [...names, 'big'])
      expect(arena.secondMoment(name).buffer).toBe(arena.value(name).buffer);
    expect(buffers).not.toContain(arena.value('big').buffer);
  });

  test('refuses a parameter that no memory can hold', () => {
    const huge = { name: 'huge', elements: 2 ** 28, trainable: true };
    expect(() => new ParameterArena([huge])).toThrow('parameter huge needs');
  });

  test('adds scaled gradients of micro-batches', () => {
    const arena = new ParameterArena(parametersOf([7, 2]));
    arena.gradient('p7').set([1, 2, 3, 4, 5, 6, 7]);
    arena.microBatchGradient('p7').set([4, 8, 12, 16, 20, 24, 28]);
    arena.axpy(arena.gradient('p7'), arena.microBatchGradient('p7'), -0.25);
    expect(arena.gradient('p7')).toEqual(new Float32Array(7));
    arena.axpy(arena.gradient('p7'), arena.microBatchGradient('p7'), 0.5);
    expect(arena.gradient('p7')).toEqual(Float32Array.of(2, 4, 6, 8, 10, 12, 14));
    expect(arena.gradient('p2')).toEqual(new Float32Array(2));
    arena.zeroGradients();
    expect(arena.gradient('p7')).toEqual(new Float32Array(7));
    expect(() => arena.axpy(arena.gradient('p7'), arena.gradient('p2'), 1)).toThrow(
      'p2 cannot be added to p7',
    );
    expect(() => arena.axpy(arena.gradient('p7'), new Float32Array(7), 1)).toThrow('none of this arena');
  });

  test('finds a number that is not finite anywhere, and takes none for one that is', () => {
    const arena = new ParameterArena(parametersOf(LENGTHS));
    for (const length of LENGTHS) {
      const view = arena.gradient(`p${length}`);
      view.fill(-3.4028234663852886e38);
      view[length >> 1] = 1e-45;
      expect(arena.isFinite(view)).toBe(true);
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        for (const at of new Set([0, length >> 1, length - 1])) {
          const before = view[at] ?? 0;
          view[at] = value;
          expect(arena.isFinite(view)).toBe(false);
          view[at] = before;
        }
      }
      expect(arena.isFinite(view)).toBe(true);
    }
  });
});
