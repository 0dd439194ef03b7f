import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PretrainingBatch, PretrainingEngine } from '../../../runtime/engine/engine.ts';
import { prepareWebgpu } from '../../../runtime/engine/tfjs/backend-webgpu.ts';
import { openBackend } from '../../../runtime/engine/tfjs/backends.ts';
import { createTfjsEngine } from '../../../runtime/engine/tfjs/tfjs-engine.ts';
import { Random } from '../../../runtime/random.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import { hasTestAdapter, testAdapter } from '../../support/graphics-adapter.ts';
import { modelSpec } from '../../support/specs.ts';

const UPDATE = {
  kind: 'adamw',
  learningRate: 1e-3,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;

function batchOf(size: number, seed: number): PretrainingBatch {
  const random = Random.from('tfjs-webgpu', seed);
  const noise = Float32Array.from({ length: size * 4 }, () => random.uniform());
  return {
    size,
    images: Float32Array.from({ length: size * 64 }, () => random.normal()),
    masking: maskingFromNoise(noise, { size, patches: 4, visible: 1 }),
  };
}

const hasAdapter = await hasTestAdapter();
const search = await testAdapter();
const isSoftware = search.kind === 'found' && search.adapter.software;

describe.runIf(hasAdapter)('the tfjs engine on webgpu', { timeout: 300_000 }, () => {
  let model: CompiledModelFolder;
  let engine: PretrainingEngine;

  const open = async () => {
    engine = await createTfjsEngine({ spec: model.spec, directory: model.directory, backend: 'webgpu' });
    await engine.loadParameters(initialParameters(model.spec, 1));
  };
  const step = async (seed: number) => {
    const loss = await engine.accumulate(batchOf(1, seed), 1);
    await engine.update(UPDATE);
    return loss;
  };
  /** The device that WebGPU gave the backend. */
  const device = (): GPUDevice => {
    const backend: object = tf.backend();
    if (!('device' in backend)) throw new Error('the backend has no device');
    return backend.device as GPUDevice;
  };

  beforeAll(async () => {
    model = await compileToFolder(
      modelSpec({ image: [8, 8, 1], encoder: [8, 1, 2], decoder: [8, 1, 2], mlpRatio: 1 }),
    );
    await open();
  });
  afterAll(async () => {
    await engine.dispose();
    await model.remove();
  });

  it('says which adapter it runs on', () => {
    expect(engine.description).toMatch(/^TensorFlow\.js [\d.]+, backend webgpu: \S/);
  });

  // A step takes a second or two in software.
  it('keeps as many tensors after 50 steps as after the first, in as much memory', {
    timeout: 300_000,
  }, async () => {
    await step(0);
    const { numTensors, numBytes } = tf.memory();
    for (let seed = 1; seed <= 50; seed++) await step(seed);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });

  it('says that the device was lost, and can be opened anew', async () => {
    device().destroy();
    await expect(step(1)).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringContaining('the graphics device was lost (destroyed)'),
      help: expect.stringContaining('--resume'),
    });
    await engine.dispose();
    await open();
    expect(await step(1)).toBeGreaterThan(0);
  });

  it('does not take the numbers of a device that ran out of memory', async () => {
    const { maxBufferSize } = device().limits;
    device().createBuffer({ size: maxBufferSize + 4, usage: GPUBufferUsage.STORAGE });
    await expect(step(1)).rejects.toMatchObject({
      name: 'EngineError',
      message: expect.stringMatching(/^the graphics device (refused a command|is out of memory): /),
      help: expect.stringContaining('--accumulation'),
    });
    await engine.dispose();
    await open();
    expect(await step(1)).toBeGreaterThan(0);
  });

  it('is not chosen where nobody asked for it and the adapter is software', async () => {
    await engine.dispose();
    const chosen = await openBackend();
    expect(chosen.description.includes('backend webgpu')).toBe(!isSoftware);
    if (isSoftware) expect(chosen.description).toContain('not webgpu: its only adapter is');
    chosen.close();
    await open();
  });
});

describe('the webgpu backend', () => {
  const found = { findAdapter: testAdapter };
  const missing = { kind: 'not installed', reason: 'no package webgpu', help: 'npm install webgpu' } as const;
  const none = { kind: 'none', reason: 'no adapter', help: 'install a driver' } as const;
  const load = () => Promise.reject(new Error('Cannot find package'));

  it('says which of its packages is not installed', async () => {
    expect(await prepareWebgpu({ findAdapter: async () => missing, load })).toEqual(missing);
  });

  it('says that there is no adapter', async () => {
    expect(await prepareWebgpu({ findAdapter: async () => none, load })).toEqual({ ...none, kind: 'broken' });
  });

  it.runIf(hasAdapter)('wants the package of the backend, too', async () => {
    expect(await prepareWebgpu({ ...found, load })).toEqual({
      kind: 'not installed',
      reason: '@tensorflow/tfjs-backend-webgpu is not installed',
      help: 'npm install @tensorflow/tfjs-backend-webgpu',
    });
  });
});
