import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch, PretrainingEngine } from '../../../runtime/engine/engine.ts';
import type { BackendName } from '../../../runtime/engine/tfjs/backends.ts';
import { createTfjsEngine } from '../../../runtime/engine/tfjs/tfjs-engine.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { loadReferenceCase, type ReferenceCase, relativeDeviation } from '../../reference/reference-case.ts';
import { adamTolerance } from '../../support/adam-tolerance.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import { pretrainingCase } from '../../support/reference-config.ts';

const OUTPUTS = 2e-6;
const LOSS = 5e-7;
const EPSILON = 1e-8;

const BACKENDS: readonly BackendName[] = ['cpu', 'wasm'];
const CASES = await Promise.all(['a_mae_tiny', 'b_mae_tiny_normpix'].map((name) => loadReferenceCase(name)));

/** Without the key third of a qkv bias, whose true gradient is zero. */
function meaningful(name: string, numbers: Float32Array | Float64Array): Float32Array | Float64Array {
  if (!name.endsWith('qkv.bias')) return numbers;
  const third = numbers.length / 3;
  return numbers.filter((_, index) => index < third || index >= 2 * third);
}

function checkGradients(gradients: readonly NamedTensor[], reference: ReferenceCase): void {
  const recorded = reference.tensorNames.filter((name) => name.startsWith('grad.'));
  expect(gradients.map(({ name }) => `grad.${name}`).sort()).toEqual(recorded.sort());
  for (const { name, data } of gradients) {
    const expected = meaningful(name, reference.float64(`grad.${name}`));
    expect(relativeDeviation(meaningful(name, data), expected), name).toBeLessThan(OUTPUTS);
  }
}

function checkParameters(
  parameters: readonly NamedTensor[],
  reference: ReferenceCase,
  steps: number,
  learningRate: number,
): void {
  for (const { name, data } of parameters) {
    if (!reference.tensorNames.includes(`grad.${name}`)) {
      expect(data, name).toEqual(reference.tensor(name).data);
      continue;
    }
    const actual = meaningful(name, data);
    const expected = meaningful(name, reference.float64(`step${steps}.${name}`));
    const gradient = meaningful(name, reference.float64(`grad.${name}`));
    const tolerance = adamTolerance(expected, gradient, { steps, learningRate, epsilon: EPSILON });
    const beyond = Array.from(expected, (value, index) => {
      return Math.abs((actual[index] ?? Number.NaN) - value) - (tolerance[index] ?? 0);
    });
    expect(Math.max(...beyond), `${name} after ${steps}`).toBeLessThanOrEqual(0);
  }
}

describe.each(CASES.map((reference) => [reference.name, reference] as const))('%s', (_, reference) => {
  const { config, spec } = pretrainingCase(reference);
  const layout = { size: config.batch, patches: config.num_patches, visible: config.len_keep };
  const batch: PretrainingBatch = {
    size: config.batch,
    images: reference.tensor('imgs').data,
    masking: maskingFromNoise(reference.tensor('noise').data, layout),
  };
  const deviation = (actual: ArrayLike<number>, name: string) =>
    relativeDeviation(actual, reference.float64(name));
  let model: CompiledModelFolder;

  beforeAll(async () => {
    model = await compileToFolder(spec);
  });
  afterAll(() => model.remove());

  describe.each(BACKENDS.map((backend) => [backend]))('on %s', (backend) => {
    let engine: PretrainingEngine;

    beforeAll(async () => {
      engine = await createTfjsEngine({ spec: model.spec, directory: model.directory, backend });
      await engine.loadParameters(model.spec.parameters.map(({ name }) => reference.tensor(name)));
    });
    afterAll(() => engine.dispose());

    it('computes what PyTorch computes', async () => {
      const { loss, prediction, mask } = await engine.reconstruct(batch);
      expect(deviation(prediction, 'pred')).toBeLessThan(OUTPUTS);
      expect(deviation(await engine.latent(batch), 'latent')).toBeLessThan(OUTPUTS);
      expect(mask).toEqual(reference.tensor('mask').data);
      expect(deviation([loss], 'loss')).toBeLessThan(LOSS);
    });

    it('trains as PyTorch trains', async () => {
      const { lr: learningRate, betas, weight_decay: weightDecay } = config;
      const losses = reference.float64('step_losses');
      for (let step = 1; step <= 3; step++) {
        const loss = await engine.accumulate(batch, 1);
        expect(relativeDeviation([loss], losses.subarray(step - 1, step))).toBeLessThan(LOSS);
        if (step === 1) checkGradients(await engine.readGradients(), reference);
        await engine.update({ learningRate, betas, epsilon: EPSILON, weightDecay });
        if (step !== 2) checkParameters(await engine.readParameters(), reference, step, learningRate);
      }
    });
  });
});
