import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch, PretrainingEngine } from '../../../runtime/engine/engine.ts';
import { createOnnxEngine } from '../../../runtime/engine/onnx/onnx-engine.ts';
import { PROVIDERS } from '../../../runtime/engine/onnx/providers.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { loadReferenceCase, relativeDeviation } from '../../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import { hasTestAdapter } from '../../support/graphics-adapter.ts';
import {
  checkAdamParameters,
  checkGradients,
  LOSS_TOLERANCE,
  OUTPUT_TOLERANCE,
} from '../../support/reference-checks.ts';
import { pretrainingCase } from '../../support/reference-config.ts';
import { modelSpec } from '../../support/specs.ts';

const EPSILON = 1e-8;
/** Shaders are compiled at the first run, which takes a while in software. */
const TIMEOUT = 300_000;

const hasAdapter = await hasTestAdapter();
const reference = await loadReferenceCase('b_mae_tiny_normpix');
const { config, spec } = pretrainingCase(reference);
const { lr: learningRate, betas, weight_decay: weightDecay } = config;
const UPDATE = { kind: 'adamw', learningRate, betas, epsilon: EPSILON, weightDecay } as const;

/** Pictures `from` to `to` of the recorded batch. */
function recorded(from = 0, to = config.batch): PretrainingBatch {
  const cut = (name: string) => {
    const { data } = reference.tensor(name);
    const each = data.length / config.batch;
    return data.slice(from * each, to * each);
  };
  const layout = { size: to - from, patches: config.num_patches, visible: config.len_keep };
  return { size: to - from, images: cut('imgs'), masking: maskingFromNoise(cut('noise'), layout) };
}

describe.runIf(hasAdapter)('the onnx engine on WebGPU', () => {
  let model: CompiledModelFolder;
  let engine: PretrainingEngine;

  beforeAll(async () => {
    const { optimizer } = spec.pretrain;
    if (optimizer.kind !== 'adamw') throw new Error('the case is of AdamW');
    model = await compileToFolder({
      ...spec,
      pretrain: { ...spec.pretrain, optimizer: { ...optimizer, betas, epsilon: EPSILON, weightDecay } },
    });
    engine = await createOnnxEngine({ spec: model.spec, directory: model.directory, device: 'webgpu' });
  });
  beforeEach(async () => {
    await engine.loadParameters(model.spec.parameters.map(({ name }) => reference.tensor(name)));
    const zeros = (await engine.readOptimizerState()).firstMoments.map(({ name, shape, data }) => {
      return { name, shape, data: new Float32Array(data.length) };
    });
    await engine.loadOptimizerState({ kind: 'adamw', step: 0, firstMoments: zeros, secondMoments: zeros });
  });
  afterAll(async () => {
    await engine.dispose();
    await model.remove();
  });

  it('says where it runs', () => {
    expect(engine.description).toMatch(/^ONNX Runtime [\d.]+ on WebGPU, .+, float32$/);
  });

  it('trains as PyTorch trains, by the compiled step with AdamW inside', { timeout: TIMEOUT }, async () => {
    const losses = reference.float64('step_losses');
    for (let step = 1; step <= 3; step++) {
      const loss = await engine.step?.(recorded(), UPDATE);
      expect(relativeDeviation([loss ?? Number.NaN], losses.subarray(step - 1, step))).toBeLessThan(
        LOSS_TOLERANCE,
      );
      if (step === 2) continue;
      const stepped = { steps: step, learningRate, epsilon: EPSILON };
      checkAdamParameters(await engine.readParameters(), reference, stepped);
    }
    // The gradients never were outside the step's graph.
    await expect(engine.update(UPDATE)).rejects.toThrow('an update needs gradients');
    expect((await engine.readOptimizerState()).step).toBe(3);
  });

  it('adds micro-batches up and steps as PyTorch does', { timeout: TIMEOUT }, async () => {
    await engine.accumulate(recorded(0, 1), 1 / config.batch);
    await engine.accumulate(recorded(1), (config.batch - 1) / config.batch);
    checkGradients(await engine.readGradients(), reference);
    await expect(engine.step?.(recorded(), UPDATE)).rejects.toThrow('gradients of other batches wait');
    await engine.update(UPDATE);
    const stepped = { steps: 1, learningRate, epsilon: EPSILON };
    checkAdamParameters(await engine.readParameters(), reference, stepped);
  });

  it('computes what PyTorch computes', { timeout: TIMEOUT }, async () => {
    const { loss, prediction, mask } = await engine.reconstruct(recorded());
    const deviation = (actual: ArrayLike<number>, name: string) =>
      relativeDeviation(actual, reference.float64(name));
    expect(deviation(prediction, 'pred')).toBeLessThan(OUTPUT_TOLERANCE);
    expect(deviation(await engine.latent(recorded()), 'latent')).toBeLessThan(OUTPUT_TOLERANCE);
    expect(mask).toEqual(reference.tensor('mask').data);
    expect(deviation([loss], 'loss')).toBeLessThan(LOSS_TOLERANCE);
  });

  it('goes on from a saved state as if it had not stopped', { timeout: TIMEOUT }, async () => {
    await engine.step?.(recorded(), UPDATE);
    const [parameters, state] = [await engine.readParameters(), await engine.readOptimizerState()];
    await engine.step?.(recorded(), UPDATE);
    const expected = numbersOf(await engine.readParameters());
    await engine.loadParameters(parameters);
    await engine.loadOptimizerState(state);
    await engine.step?.(recorded(), UPDATE);
    expect(numbersOf(await engine.readParameters())).toEqual(expected);
  });

  it('takes no step with a loss that is not finite', { timeout: TIMEOUT }, async () => {
    const before = numbersOf(await engine.readParameters());
    const batch = recorded();
    expect(await engine.step?.({ ...batch, images: batch.images.fill(Number.NaN) }, UPDATE)).toBeNaN();
    expect(numbersOf(await engine.readParameters())).toEqual(before);
    expect((await engine.readOptimizerState()).step).toBe(0);
  });

  it('takes other steps than the compiled one by the gradients', { timeout: TIMEOUT }, async () => {
    const norm = Math.hypot(
      ...model.spec.parameters
        .filter(({ trainable }) => trainable)
        .map(({ name }) => Math.hypot(...reference.float64(`grad.${name}`))),
    );
    await engine.accumulate(recorded(), 1);
    const result = await engine.update({ ...UPDATE, clip: norm / 2 });
    expect(relativeDeviation([result.gradientNorm ?? 0], [norm])).toBeLessThan(1e-6);
    // Half the gradient: half the first moment.
    const first = new Map((await engine.readOptimizerState()).firstMoments.map((each) => [each.name, each]));
    const name = 'decoder_pred.weight';
    const expected = reference.float64(`grad.${name}`).map((value) => (value / 2) * (1 - betas[0]));
    expect(relativeDeviation(first.get(name)?.data ?? [], expected)).toBeLessThan(OUTPUT_TOLERANCE);
  });
});

const numbersOf = (tensors: readonly NamedTensor[]) => tensors.map(({ name, data }) => [name, [...data]]);

/** Opens a graph and lets ONNX Runtime say, on its error output, what it put where. */
const PLACEMENTS = `
import('onnxruntime-node').then(({ InferenceSession }) =>
  InferenceSession.create(process.argv[1], { executionProviders: ['webgpu'], logSeverityLevel: 0 }));`;

describe.runIf(hasAdapter)('the compiled graphs on WebGPU', () => {
  it('have no node on the CPU', async () => {
    const everyExtra = modelSpec({
      name: 'extra',
      classTokens: 2,
      registers: 3,
      qkNorm: true,
      layerScale: 0.1,
      positions: 'learned',
      target: 'normalized-pixels',
      dropPath: 0.1,
      dropout: 0.1,
      finetune: { precision: 'float16' },
      linearProbe: { precision: 'float16' },
    });
    const { pretrain } = everyExtra;
    const folder = await compileToFolder({ ...everyExtra, pretrain: { ...pretrain, precision: 'float16' } });
    const steps = ['pretrain-step', 'finetune-gradients', 'linear-probe-gradients'];
    for (const graph of steps.flatMap((name) => [name, `${name}-float16`])) {
      const path = join(folder.directory, 'onnx', `${graph}.onnx`);
      const { stdout, stderr } = spawnSync(process.execPath, ['-e', PLACEMENTS, path], { encoding: 'utf8' });
      const placed = `${stdout}${stderr}`.match(/(All nodes|Node\(s\)) placed on \[\w+\]/g) ?? [];
      expect(placed, graph).toEqual(['All nodes placed on [WebGpuExecutionProvider]']);
    }
    await folder.remove();
  });
});

describe('what goes wrong on a graphics device', () => {
  it('is told with what to do', () => {
    const none = PROVIDERS.webgpu.explainOpening('Failed to get a WebGPU adapter: No supported adapters');
    expect(none?.message).toContain('finds no graphics adapter for WebGPU');
    expect(none?.help).toContain('--device cpu');
    expect(PROVIDERS.webgpu.explainOpening('Unexpected input data type')).toBeUndefined();
    const full = PROVIDERS.webgpu.explainRun(
      'the step failed',
      'vkAllocateMemory failed: OUT_OF_DEVICE_MEMORY',
    );
    expect(full.help).toContain('--accumulation');
    const lost = PROVIDERS.webgpu.explainRun('the step failed', 'Device lost');
    expect(lost.message).toBe('the step failed on the graphics device: Device lost');
    expect(lost.help).toContain('--resume');
    const library = 'Failed to load library libonnxruntime_providers_cuda.so';
    expect(PROVIDERS.cuda.explainOpening(library)?.help).toContain('--device');
  });
});
