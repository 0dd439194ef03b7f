import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  EngineError,
  type NamedTensor,
  type PretrainingBatch,
  type PretrainingEngine,
} from '../../../runtime/engine/engine.ts';
import { createTfjsEngine } from '../../../runtime/engine/tfjs/tfjs-engine.ts';
import { Random } from '../../../runtime/random.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import { modelSpec } from '../../support/specs.ts';

const UPDATE = {
  kind: 'adamw',
  learningRate: 1e-3,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;
const PATCHES = 16;
const VISIBLE = 4;

let model: CompiledModelFolder;
let engine: PretrainingEngine;

function batchOf(size: number, seed: number, visible = VISIBLE): PretrainingBatch {
  const random = Random.from('tfjs-engine', seed);
  const images = Float32Array.from({ length: size * 3 * 16 * 16 }, () => random.normal());
  const noise = Float32Array.from({ length: size * PATCHES }, () => random.uniform());
  return { size, images, masking: maskingFromNoise(noise, { size, patches: PATCHES, visible }) };
}

const numbersOf = (tensors: readonly NamedTensor[]) => tensors.map(({ name, data }) => [name, [...data]]);
const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof EngineError ? error.message : `not an EngineError: ${error}`),
  );

beforeAll(async () => {
  model = await compileToFolder(modelSpec({ encoder: [16, 1, 2], target: 'normalized-pixels' }));
});
afterAll(() => model.remove());

beforeEach(async () => {
  engine = await createTfjsEngine({ spec: model.spec, directory: model.directory, backend: 'cpu' });
  await engine.loadParameters(initialParameters(model.spec, 1));
});
afterEach(() => engine.dispose());

describe('the tfjs engine', () => {
  it('says what it runs on', () => {
    expect(engine.kind).toBe('tfjs');
    expect(engine.description).toMatch(/^TensorFlow\.js 4\.22\.0, backend cpu: plain JavaScript$/);
  });

  it('prints nothing', async () => {
    const spies = (['log', 'info', 'warn', 'error'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation(() => undefined),
    );
    await engine.accumulate(batchOf(2, 1), 1);
    await engine.update(UPDATE);
    const calls = spies.flatMap((spy) => spy.mock.calls);
    for (const spy of spies) spy.mockRestore();
    expect(calls).toEqual([]);
  });

  it('returns the parameters it was given, in the official layout', async () => {
    const given = [...initialParameters(model.spec, 5)];
    await engine.loadParameters(given.toReversed());
    expect(numbersOf(await engine.readParameters())).toEqual(numbersOf(given));
  });

  it('keeps as many tensors after fifty steps as after the first', async () => {
    const step = async (seed: number) => {
      await engine.accumulate(batchOf(1, seed), 0.5);
      if (seed % 10 === 0) await engine.accumulate(batchOf(2, seed + 1), 0.5);
      await engine.update(UPDATE);
    };
    await step(0);
    const { numTensors, numBytes } = tf.memory();
    for (let seed = 1; seed < 50; seed++) await step(seed);
    await engine.reconstruct(batchOf(3, 7));
    await engine.latent(batchOf(3, 7));
    await engine.features(batchOf(3, 7).images, 3);
    await engine.readGradients();
    await engine.loadOptimizerState(await engine.readOptimizerState());
    await engine.loadParameters(await engine.readParameters());
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });

  it('leaves no tensor behind', async () => {
    await engine.dispose();
    const { numTensors } = tf.memory();
    engine = await createTfjsEngine({ spec: model.spec, directory: model.directory, backend: 'cpu' });
    await engine.accumulate(batchOf(1, 1), 1);
    await engine.update(UPDATE);
    await engine.accumulate(batchOf(1, 1), 1);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('adds weighted gradients up to those of the whole batch', async () => {
    const [first, second] = [batchOf(1, 1), batchOf(3, 2)];
    const whole: PretrainingBatch = {
      size: 4,
      images: Float32Array.of(...first.images, ...second.images),
      masking: {
        ...first.masking,
        size: 4,
        shuffle: Int32Array.of(...first.masking.shuffle, ...second.masking.shuffle),
        restore: Int32Array.of(...first.masking.restore, ...second.masking.restore),
        mask: Float32Array.of(...first.masking.mask, ...second.masking.mask),
      },
    };
    const loss = await engine.accumulate(whole, 1);
    const expected = await engine.readGradients();
    await engine.update(UPDATE);
    await engine.loadParameters(initialParameters(model.spec, 1));
    const parts =
      0.25 * (await engine.accumulate(first, 0.25)) + 0.75 * (await engine.accumulate(second, 0.75));
    expect(parts).toBeCloseTo(loss, 5);
    for (const [index, { name, data }] of (await engine.readGradients()).entries()) {
      if (name.endsWith('qkv.bias')) continue;
      expect(relativeDeviation(data, expected[index]?.data ?? []), name).toBeLessThan(2e-6);
    }
  });

  it('has no gradients before a batch and after an update', async () => {
    const zero = async () =>
      (await engine.readGradients()).every(({ data }) => data.every((value) => value === 0));
    expect(await zero()).toBe(true);
    await engine.accumulate(batchOf(2, 1), 1);
    expect(await zero()).toBe(false);
    await engine.update(UPDATE);
    expect(await zero()).toBe(true);
    expect(await messageOf(engine.update(UPDATE))).toBe(
      'an update needs gradients: accumulate a batch first',
    );
  });

  it('goes on from a saved state as if it had not stopped', async () => {
    const steps = async (from: number, to: number) => {
      for (let seed = from; seed < to; seed++) {
        await engine.accumulate(batchOf(2, seed), 1);
        await engine.update(UPDATE);
      }
    };
    await steps(0, 2);
    const [parameters, state] = [await engine.readParameters(), await engine.readOptimizerState()];
    await steps(2, 4);
    const expected = numbersOf(await engine.readParameters());
    await engine.dispose();
    engine = await createTfjsEngine({ spec: model.spec, directory: model.directory, backend: 'cpu' });
    await engine.loadParameters(parameters);
    await engine.loadOptimizerState(state);
    await steps(2, 4);
    expect(state.step).toBe(2);
    expect(numbersOf(await engine.readParameters())).toEqual(expected);
  });

  it('does not move frozen parameters', async () => {
    const before = await engine.readParameters();
    await engine.accumulate(batchOf(2, 1), 1);
    await engine.update(UPDATE);
    const after = await engine.readParameters();
    const moved = before.filter(({ data }, index) => relativeDeviation(after[index]?.data ?? [], data) > 0);
    const trainable = model.spec.parameters.filter((parameter) => parameter.trainable);
    expect(moved.map(({ name }) => name)).toEqual(trainable.map(({ name }) => name));
  });

  it('sees every patch for features, class token first', async () => {
    const { images, size } = batchOf(2, 1);
    const features = await engine.features(images, size);
    expect(features.length).toBe(size * (1 + PATCHES) * model.spec.model.encoder.width);
    const alone = await engine.features(images.subarray(images.length / 2), 1);
    expect(relativeDeviation(alone, features.subarray(features.length / 2))).toBeLessThan(1e-6);
  });
});

describe('the tfjs engine refuses', () => {
  it('parameters of another model, and keeps its own', async () => {
    const before = numbersOf(await engine.readParameters());
    const [first, ...rest] = initialParameters(model.spec, 2);
    expect(first).toBeDefined();
    expect(await messageOf(engine.loadParameters(rest))).toContain(`1 tensor is missing (${first?.name})`);
    const strange = { name: 'head.weight', shape: [1], data: Float32Array.of(0) };
    expect(await messageOf(engine.loadParameters([...initialParameters(model.spec, 2), strange]))).toContain(
      '1 tensor is unknown to the model (head.weight)',
    );
    expect(numbersOf(await engine.readParameters())).toEqual(before);
  });

  it('an optimizer state of another model', async () => {
    const state = await engine.readOptimizerState();
    const cut = { ...state, secondMoments: state.secondMoments.slice(2) };
    expect(await messageOf(engine.loadOptimizerState(cut))).toContain('second moments are not this model');
  });

  it('pictures and maskings of other sizes', async () => {
    const batch = batchOf(2, 1);
    expect(await messageOf(engine.accumulate({ ...batchOf(3, 1), images: batch.images }, 1))).toBe(
      'a batch of 3 has 1536 pixels; it must be [3, 3, 16, 16]',
    );
    expect(await messageOf(engine.accumulate(batchOf(2, 1, VISIBLE + 1), 1))).toBe(
      'the masking keeps 5 of 16 patches; the model needs 4 of 16',
    );
    expect(await messageOf(engine.accumulate({ ...batch, masking: batchOf(1, 1).masking }, 1))).toBe(
      'a batch of 2 has a masking of 1',
    );
  });

  it('a folder without generated classes, or with those of another spec', async () => {
    const { spec, directory } = model;
    expect(
      await messageOf(createTfjsEngine({ spec, directory: join(directory, 'onnx'), backend: 'cpu' })),
    ).toContain('there are no generated classes at');
    await writeFile(join(directory, 'onnx', 'model.js'), 'export const answer = 42;\n');
    expect(
      await messageOf(createTfjsEngine({ spec, directory: join(directory, 'onnx'), backend: 'cpu' })),
    ).toContain('is no generated model');
    const parameters = spec.parameters.map((parameter) => ({
      ...parameter,
      storedShape: [...parameter.storedShape, 1],
    }));
    expect(
      await messageOf(createTfjsEngine({ spec: { ...spec, parameters }, directory, backend: 'cpu' })),
    ).toContain('its class wants');
  });

  it('a second backend while one is in use', async () => {
    const { spec, directory } = model;
    expect(await messageOf(createTfjsEngine({ spec, directory, backend: 'wasm' }))).toBe(
      'an engine on the tfjs backend cpu is open; a process has one backend at a time',
    );
  });
});
