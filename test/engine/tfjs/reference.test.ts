import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PretrainingBatch, PretrainingEngine } from '../../../runtime/engine/engine.ts';
import { createTfjsEngine } from '../../../runtime/engine/tfjs/tfjs-engine.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { loadReferenceCase, relativeDeviation } from '../../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../../support/compiled-model.ts';
import {
  checkAdamParameters,
  checkGradients,
  LOSS_TOLERANCE,
  OUTPUT_TOLERANCE,
} from '../../support/reference-checks.ts';
import { pretrainingCase } from '../../support/reference-config.ts';
import { testedBackends } from '../../support/tfjs-backends.ts';

const EPSILON = 1e-8;
/** Shaders are compiled at the first run, which takes a while in software. */
const TIMEOUT = 300_000;

const BACKENDS = await testedBackends();
const CASES = await Promise.all(['a_mae_tiny', 'b_mae_tiny_normpix'].map((name) => loadReferenceCase(name)));

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

    it('computes what PyTorch computes', { timeout: TIMEOUT }, async () => {
      const { loss, prediction, mask } = await engine.reconstruct(batch);
      expect(deviation(prediction, 'pred')).toBeLessThan(OUTPUT_TOLERANCE);
      expect(deviation(await engine.latent(batch), 'latent')).toBeLessThan(OUTPUT_TOLERANCE);
      expect(mask).toEqual(reference.tensor('mask').data);
      expect(deviation([loss], 'loss')).toBeLessThan(LOSS_TOLERANCE);
    });

    it('trains as PyTorch trains', { timeout: TIMEOUT }, async () => {
      const { lr: learningRate, betas, weight_decay: weightDecay } = config;
      const losses = reference.float64('step_losses');
      for (let step = 1; step <= 3; step++) {
        const loss = await engine.accumulate(batch, 1);
        expect(relativeDeviation([loss], losses.subarray(step - 1, step))).toBeLessThan(LOSS_TOLERANCE);
        if (step === 1) checkGradients(await engine.readGradients(), reference);
        await engine.update({ kind: 'adamw', learningRate, betas, epsilon: EPSILON, weightDecay });
        if (step === 2) continue;
        const stepped = { steps: step, learningRate, epsilon: EPSILON };
        checkAdamParameters(await engine.readParameters(), reference, stepped);
      }
    });
  });
});
