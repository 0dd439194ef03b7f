import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch } from '../../../runtime/engine/engine.ts';
import { graphFeeds } from '../../../runtime/engine/onnx/feeds.ts';
import { createOnnxEngine } from '../../../runtime/engine/onnx/onnx-engine.ts';
import { Random } from '../../../runtime/random.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { toOfficialLayout, toStoredLayout } from '../../../runtime/weights/layout.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { compileGraphsToFolder } from '../../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../../support/model-folder.ts';
import { modelSpec } from '../../support/specs.ts';

const UPDATE = {
  kind: 'adamw',
  learningRate: 1e-2,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;
let model: CompiledModelFolder;

beforeAll(async () => {
  model = await compileGraphsToFolder(
    modelSpec({ image: [12, 20, 5], patch: [3, 5], target: 'normalized-pixels' }),
  );
});
afterAll(() => model.remove());

function randomBatch(size: number, key: string): PretrainingBatch {
  const random = Random.from('engine-test', key);
  const noise = Float32Array.from({ length: size * 16 }, () => random.uniform());
  return {
    size,
    images: Float32Array.from({ length: size * 5 * 12 * 20 }, () => random.normal()),
    masking: maskingFromNoise(noise, { size, patches: 16, visible: 4 }),
  };
}

/** Pictures `from` to `to` of a batch. */
function part({ images, masking, size }: PretrainingBatch, from: number, to: number): PretrainingBatch {
  const cut = <T extends Float32Array | Int32Array>(data: T) =>
    data.slice((from * data.length) / size, (to * data.length) / size);
  const { patches, visible, shuffle, restore, mask } = masking;
  return {
    size: to - from,
    images: Float32Array.from(cut(images)),
    masking: {
      size: to - from,
      patches,
      visible,
      shuffle: Int32Array.from(cut(shuffle)),
      restore: Int32Array.from(cut(restore)),
      mask: Float32Array.from(cut(mask)),
    },
  };
}

async function openEngine() {
  const engine = await createOnnxEngine({ spec: model.spec, directory: model.directory, threads: 1 });
  await engine.loadParameters(initialParameters(model.spec, 7));
  return engine;
}

const byName = (tensors: readonly NamedTensor[]) => new Map(tensors.map(({ name, data }) => [name, data]));

describe('the onnx engine', () => {
  it('gives parameters back as they came', async () => {
    const engine = await openEngine();
    const expected = byName([...initialParameters(model.spec, 7)]);
    for (const { name, data } of await engine.readParameters())
      expect(data, name).toEqual(expected.get(name));
    await engine.dispose();
  });

  it('accumulates micro-batches to the gradient of the whole batch', async () => {
    const engine = await openEngine();
    const batch = randomBatch(4, 'accumulate');
    const loss = await engine.accumulate(batch, 1);
    const whole = byName(await engine.readGradients());
    await engine.update({ ...UPDATE, learningRate: 0 });
    const losses = [
      await engine.accumulate(part(batch, 0, 1), 0.25),
      await engine.accumulate(part(batch, 1, 4), 0.75),
    ];
    expect(0.25 * (losses[0] ?? 0) + 0.75 * (losses[1] ?? 0)).toBeCloseTo(loss, 5);
    for (const { name, data } of await engine.readGradients()) {
      if (name.endsWith('qkv.bias')) continue;
      expect(relativeDeviation(data, whole.get(name) ?? []), name).toBeLessThan(5e-6);
    }
    await engine.dispose();
  });

  it('takes the same step as the compiled step with AdamW inside', async () => {
    const engine = await openEngine();
    const batch = randomBatch(3, 'step');
    await engine.accumulate(batch, 1);
    await engine.update(UPDATE);
    const next = byName(await engine.readParameters());
    const moments = byName((await engine.readOptimizerState()).secondMoments);

    const graph = model.spec.graphs['pretrain-step'];
    if (graph === undefined) throw new Error('the spec has no compiled step');
    const session = await InferenceSession.create(join(model.directory, graph.file));
    const feeds: Record<string, Tensor> = {};
    for (const parameter of model.spec.parameters) {
      const initial = byName([...initialParameters(model.spec, 7)]).get(parameter.name) ?? new Float32Array();
      const stored = new Float32Array(initial.length);
      toStoredLayout(parameter, initial, stored);
      feeds[parameter.name] = new Tensor('float32', stored, parameter.storedShape);
      if (!parameter.trainable) continue;
      for (const moment of ['first', 'second']) {
        feeds[`${moment}-moment:${parameter.name}`] = new Tensor(
          'float32',
          new Float32Array(stored.length),
          parameter.storedShape,
        );
      }
    }
    const optimizerRoles = ['learning-rate', 'bias-corrections'];
    const own = { ...graph, inputs: graph.inputs.filter(({ role }) => !optimizerRoles.includes(role)) };
    Object.assign(feeds, graphFeeds(Tensor, own, { ...batch, prefix: 1 }));
    feeds['learning-rate'] = new Tensor('float32', [UPDATE.learningRate], []);
    feeds['bias-corrections'] = new Tensor('float32', [1 - 0.9, 1 - 0.95], [2]);
    const results = await session.run(feeds);
    for (const parameter of model.spec.parameters.filter(({ trainable }) => trainable)) {
      const read = (output: string) => {
        const official = new Float32Array(parameter.shape.reduce((n, side) => n * side, 1));
        toOfficialLayout(parameter, Float32Array.from(results[output]?.data as Float32Array), official);
        return official;
      };
      const second = read(`next-second-moment:${parameter.name}`);
      expect(relativeDeviation(second, moments.get(parameter.name) ?? []), parameter.name).toBeLessThan(2e-5);
      if (parameter.name.endsWith('qkv.bias')) continue;
      const value = read(`next:${parameter.name}`);
      expect(relativeDeviation(value, next.get(parameter.name) ?? []), parameter.name).toBeLessThan(2e-5);
    }
    await engine.dispose();
  });

  it('resumes from its optimizer state bit for bit', async () => {
    const [first, second] = [await openEngine(), await openEngine()];
    for (const step of [1, 2]) {
      await first.accumulate(randomBatch(2, `resume-${step}`), 1);
      await first.update(UPDATE);
    }
    await second.loadParameters(await first.readParameters());
    await second.loadOptimizerState(await first.readOptimizerState());
    for (const engine of [first, second]) {
      await engine.accumulate(randomBatch(2, 'resume-3'), 1);
      await engine.update(UPDATE);
    }
    expect(await second.readParameters()).toEqual(await first.readParameters());
    expect(await second.readOptimizerState()).toEqual(await first.readOptimizerState());
    await first.dispose();
    await second.dispose();
  });

  it('agrees with itself: features without masking have one row for every token', async () => {
    const engine = await openEngine();
    const { images, size } = randomBatch(2, 'features');
    const features = await engine.features(images, size);
    expect(features).toHaveLength(2 * 17 * 16);
    // After a layer norm with unit weight every row has mean 0 and variance 1.
    const row = features.subarray(16, 32);
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    expect(row.reduce((sum, value) => sum + value * value, 0) / 16).toBeCloseTo(1, 2);
    await engine.dispose();
  });

  it('names what is missing or of another shape, and keeps what it had', async () => {
    const engine = await openEngine();
    const before = await engine.readParameters();
    const wrong = before.map((tensor) =>
      tensor.name === 'norm.weight' ? { ...tensor, shape: [3], data: new Float32Array(3) } : tensor,
    );
    await expect(engine.loadParameters(wrong)).rejects.toThrow(
      'the parameter norm.weight has shape [3]; it must be [16]',
    );
    await expect(engine.loadParameters(before.slice(1))).rejects.toThrow(/parameter .* of small is missing/);
    expect(await engine.readParameters()).toEqual(before);
    await expect(engine.update(UPDATE)).rejects.toThrow('an update needs gradients');
    await engine.dispose();
  });

  it('says how to make a missing graph', async () => {
    const copy = await compileGraphsToFolder(modelSpec({ name: 'gone' }));
    await rm(join(copy.directory, 'onnx'), { recursive: true });
    await expect(createOnnxEngine({ spec: copy.spec, directory: copy.directory })).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining('is missing'),
        help: expect.stringContaining('mae-compile'),
      }),
    );
    await copy.remove();
  });
});
