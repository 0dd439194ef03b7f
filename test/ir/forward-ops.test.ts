import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import { adamwOp } from '../../compiler/ir/ops/adamw.ts';
import { adamwFactorsOp } from '../../compiler/ir/ops/adamw-factors.ts';
import { normalizePatches } from '../../compiler/ir/ops/normalize-patches.ts';
import { padImages } from '../../compiler/ir/ops/pad-images.ts';
import { patchify } from '../../compiler/ir/ops/patchify.ts';
import { randomMasking } from '../../compiler/ir/ops/random-masking.ts';
import { splitBatch } from '../../compiler/ir/ops/split-batch.ts';
import { float32, perExample } from '../../compiler/ir/shape.ts';
import { Random } from '../../runtime/random.ts';
import { maskingFromNoise, maskingIndices } from '../../runtime/train/masking.ts';
import { openGraph } from '../support/run-graph.ts';

const builderOf = () => new GraphBuilder('test', { kind: 'Test', documentation: '' });
const numbers = (count: number, ...keys: string[]) => {
  const random = Random.from('forward-ops', ...keys);
  return Float32Array.from({ length: count }, () => random.normal());
};

describe('ops without a gradient', () => {
  it('patchify orders patches row-major, and a patch’s pixels by row, column, channel', async () => {
    const builder = builderOf();
    const images = builder.input('images', 'images', float32(perExample(1), 3, 4, 6));
    builder.output('patches', 'features', patchify(builder, images, { height: 2, width: 3 }));
    // Each pixel says where it is: channel * 1000 + row * 10 + column, plus 10000 a picture.
    const value = (picture: number, channel: number, row: number, column: number) =>
      picture * 10000 + channel * 1000 + row * 10 + column;
    const data = new Float32Array(2 * 3 * 4 * 6);
    let at = 0;
    for (const picture of [0, 1])
      for (let c = 0; c < 3; c++)
        for (let y = 0; y < 4; y++) for (let x = 0; x < 6; x++) data[at++] = value(picture, c, y, x);
    const { patches } = await (await openGraph(builder.finish(), 2))({ images: data });
    const expected: number[] = [];
    for (const picture of [0, 1])
      for (const top of [0, 2])
        for (const left of [0, 3])
          for (const y of [0, 1])
            for (const x of [0, 1, 2])
              for (const c of [0, 1, 2]) expected.push(value(picture, c, top + y, left + x));
    expect(Array.from(patches ?? [])).toEqual(expected);
  });

  it('pad-images puts zeros on the right and at the bottom', async () => {
    const builder = builderOf();
    const images = builder.input('images', 'images', float32(perExample(1), 2, 2, 3));
    builder.output('padded', 'features', padImages(builder, images, { height: 3, width: 5 }));
    const planes = (
      fill: (plane: number, row: number, column: number) => number,
      height: number,
      width: number,
    ) =>
      Float32Array.from({ length: 4 * height * width }, (_, i) => {
        const inPlane = i % (height * width);
        return fill(Math.floor(i / (height * width)), Math.floor(inPlane / width), inPlane % width);
      });
    const value = (plane: number, row: number, column: number) => 1 + plane * 100 + row * 10 + column;
    const { padded } = await (await openGraph(builder.finish(), 2))({ images: planes(value, 2, 3) });
    expect(padded).toEqual(
      planes((plane, row, column) => (row < 2 && column < 3 ? value(plane, row, column) : 0), 3, 5),
    );
    const small = () => padImages(builder, images, { height: 2, width: 2 });
    expect(small).toThrow('an image can only be padded to a larger one');
  });

  it('normalize-patches takes the unbiased variance with epsilon under the root', async () => {
    const builder = builderOf();
    const x = builder.input('x', 'images', float32(perExample(2), 6));
    builder.output('y', 'features', normalizePatches(builder, x, 1e-6));
    const data = numbers(12, 'normalize');
    const { y } = await (await openGraph(builder.finish(), 1))({ x: data });
    for (const row of [0, 1]) {
      const values = Array.from(data.subarray(row * 6, row * 6 + 6));
      const mean = values.reduce((sum, value) => sum + value, 0) / 6;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
      values.forEach((value, index) => {
        expect(y?.[row * 6 + index]).toBeCloseTo((value - mean) / Math.sqrt(variance + 1e-6), 5);
      });
    }
  });

  it('split-batch keeps the order of the numbers', async () => {
    const builder = builderOf();
    const x = builder.input('x', 'images', float32(perExample(3), 2));
    const y = splitBatch(builder, x);
    builder.output('y', 'features', y);
    const data = numbers(12, 'split');
    expect(y.shape).toEqual([{ perExample: 1 }, 3, 2]);
    expect((await (await openGraph(builder.finish(), 2))({ x: data })).y).toEqual(data);
  });

  it.each([0, 1, 2])(
    'random-masking yields the rows that the runtime computes, ties included (%i tokens before)',
    async (prefix) => {
      const builder = builderOf();
      const noise = builder.input('noise', 'noise', float32(perExample(1), 10));
      const masking = randomMasking(builder, noise, 4, prefix);
      builder.output('visible', 'index', masking.visible);
      builder.output('restore', 'index', masking.restore);
      builder.output('mask', 'mask', masking.mask);
      const data = numbers(30, 'noise').map((value, index) => (index % 3 === 0 ? 0.25 : value));
      const actual = await (await openGraph(builder.finish(), 3))({ noise: data });
      const host = maskingFromNoise(data, { size: 3, patches: 10, visible: 4 });
      const indices = maskingIndices(host, prefix);
      expect(actual.visible).toEqual(indices.visible);
      expect(actual.restore).toEqual(indices.restore);
      expect(actual.mask).toEqual(host.mask);
    },
  );

  it.each([0, 0.05])('adamw takes the steps of torch.optim.AdamW (weight decay %d)', async (weightDecay) => {
    const builder = builderOf();
    const names = ['parameter', 'gradient', 'first', 'second'];
    const tensors = names.map((name) => builder.input(name, 'parameter', float32(5)));
    const rate = builder.input('rate', 'learning-rate', float32());
    const corrections = builder.input('corrections', 'bias-corrections', float32(2));
    const attributes = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };
    const factors = builder.add(adamwFactorsOp, [rate, corrections], { weightDecay });
    const scalars = weightDecay === 0 ? factors.slice(0, 2) : factors;
    for (const [index, output] of builder.add(adamwOp, [...tensors, ...scalars], attributes).entries()) {
      builder.output(`next.${index}`, 'parameter', output);
    }
    const run = await openGraph(builder.finish(), 1);
    let state = [numbers(5, 'p'), new Float32Array(5), new Float32Array(5)] as const;
    const exact = Array.from(state[0], (p) => ({ p, m: 0, v: 0 }));
    const lr = 0.01;
    for (let step = 1; step <= 4; step++) {
      const gradient = numbers(5, 'g', String(step));
      const [parameter, first, second] = state;
      const results = await run({
        parameter,
        gradient,
        first,
        second,
        rate: Float32Array.of(lr),
        corrections: Float32Array.of(1 - 0.9 ** step, 1 - 0.95 ** step),
      });
      const next = (index: number) => Float32Array.from(results[`next.${index}`] ?? []);
      state = [next(0), next(1), next(2)];
      exact.forEach((entry, index) => {
        const g = gradient[index] ?? 0;
        entry.p *= 1 - lr * weightDecay;
        entry.m = 0.9 * entry.m + 0.1 * g;
        entry.v = 0.95 * entry.v + 0.05 * g * g;
        entry.p -= ((lr / (1 - 0.9 ** step)) * entry.m) / (Math.sqrt(entry.v / (1 - 0.95 ** step)) + 1e-8);
        expect(state[0][index]).toBeCloseTo(entry.p, 5);
        expect(state[2][index]).toBeCloseTo(entry.v, 5);
      });
    }
  });
});
