import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch, PretrainingEngine } from '../../runtime/engine/engine.ts';
import { ENGINE_KINDS, openEngine } from '../../runtime/engine/open-engine.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';
import { adamTolerance } from '../support/adam-tolerance.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { pretrainingCase } from '../support/reference-config.ts';
import {
  loadReferenceCase,
  type ReferenceCase,
  referenceCaseNames,
  relativeDeviation,
} from './reference-case.ts';

/** Relative to each tensor's largest value: PyTorch's own float32 run deviates by up to 1e-6 from its float64 run. */
const OUTPUT_TOLERANCE = 2e-6;
const LOSS_TOLERANCE = 5e-7;
/** The key third of a qkv bias has a true gradient of zero: what is there is rounding noise, which Adam turns into steps. */
function withoutKeys({ name, data }: NamedTensor): ArrayLike<number> {
  if (!name.endsWith('qkv.bias')) return data;
  const third = data.length / 3;
  return data.filter((_, index) => index < third || index >= 2 * third);
}

function keys({ data }: NamedTensor): Float32Array {
  return data.subarray(data.length / 3, (2 * data.length) / 3);
}

const names = await referenceCaseNames();
const cases = (await Promise.all(names.map((name) => loadReferenceCase(name)))).filter(
  ({ kind }) => kind === 'mae_pretrain',
);

describe.each(cases.map((reference) => [reference.name, reference] as const))(
  'reference case %s',
  (_, reference) => {
    const { config: c, spec } = pretrainingCase(reference);
    const batch: PretrainingBatch = {
      size: c.batch,
      images: reference.tensor('imgs').data,
      masking: maskingFromNoise(reference.tensor('noise').data, {
        size: c.batch,
        patches: c.num_patches,
        visible: c.len_keep,
      }),
    };
    let model: CompiledModelFolder;

    beforeAll(async () => {
      model = await compileToFolder(spec);
    });
    afterAll(() => model.remove());

    it('keeps and restores the recorded patches', () => {
      expect(Array.from(batch.masking.restore)).toEqual(Array.from(reference.float64('ids_restore')));
      expect(batch.masking.mask).toEqual(reference.tensor('mask').data);
    });

    describe.each(ENGINE_KINDS.map((kind) => [kind]))('on the %s engine', (kind) => {
      let engine: PretrainingEngine;

      const load = async () => {
        const parameters = model.spec.parameters.map(({ name }) => reference.tensor(name));
        await engine.loadParameters(parameters);
      };

      beforeAll(async () => {
        engine = await openEngine(kind, { spec: model.spec, directory: model.directory, threads: 1 });
      });
      afterAll(() => engine.dispose());

      it('yields the recorded prediction, mask and loss', async () => {
        await load();
        const { prediction, mask, loss } = await engine.reconstruct(batch);
        expect(relativeDeviation(prediction, reference.tensor('pred').data)).toBeLessThan(OUTPUT_TOLERANCE);
        expect(mask).toEqual(reference.tensor('mask').data);
        expect(relativeDeviation([loss], reference.float64('loss'))).toBeLessThan(LOSS_TOLERANCE);
      });

      it('yields the recorded latent', async () => {
        await load();
        const latent = await engine.latent(batch);
        expect(relativeDeviation(latent, reference.tensor('latent').data)).toBeLessThan(OUTPUT_TOLERANCE);
      });

      it('yields every recorded gradient, and the recorded parameters after one and three steps', async () => {
        await load();
        await engine.loadOptimizerState(emptyState(model));
        const losses = reference.float64('step_losses');
        for (let step = 1; step <= 3; step++) {
          const loss = await engine.accumulate(batch, 1);
          expect(relativeDeviation([loss], [losses[step - 1] ?? 0])).toBeLessThan(LOSS_TOLERANCE);
          if (step === 1) checkGradients(await engine.readGradients(), reference);
          await engine.update({
            kind: 'adamw',
            learningRate: c.lr,
            betas: c.betas,
            epsilon: 1e-8,
            weightDecay: c.weight_decay,
          });
          if (step === 2) continue;
          const taken = { steps: step, learningRate: c.lr, epsilon: 1e-8 };
          checkStep(await engine.readParameters(), reference, taken);
        }
      });
    });
  },
);

function emptyState(model: CompiledModelFolder) {
  const zeros = () =>
    model.spec.parameters
      .filter(({ trainable }) => trainable)
      .map(({ name, shape }) => ({
        name,
        shape,
        data: new Float32Array(shape.reduce((n, side) => n * side, 1)),
      }));
  return { kind: 'adamw' as const, step: 0, firstMoments: zeros(), secondMoments: zeros() };
}

function checkGradients(gradients: readonly NamedTensor[], reference: ReferenceCase): void {
  const recorded = reference.tensorNames.filter((name) => name.startsWith('grad.'));
  expect(gradients.map(({ name }) => `grad.${name}`).sort()).toEqual(recorded.sort());
  for (const gradient of gradients) {
    const expected = { ...reference.tensor(`grad.${gradient.name}`), name: gradient.name };
    const deviation = relativeDeviation(withoutKeys(gradient), withoutKeys(expected));
    expect(deviation, `gradient of ${gradient.name}`).toBeLessThan(OUTPUT_TOLERANCE);
    if (gradient.name.endsWith('qkv.bias')) {
      const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const value of keys(gradient)) expect(Math.abs(value)).toBeLessThan(OUTPUT_TOLERANCE * largest);
    }
  }
}

interface Steps {
  readonly steps: number;
  readonly learningRate: number;
  readonly epsilon: number;
}

function checkStep(parameters: readonly NamedTensor[], reference: ReferenceCase, taken: Steps): void {
  for (const parameter of parameters) {
    const name = `step${taken.steps}.${parameter.name}`;
    if (!reference.tensorNames.includes(name)) {
      // Frozen: the position tables must be as they were.
      expect(parameter.data, parameter.name).toEqual(reference.tensor(parameter.name).data);
      continue;
    }
    const expected = reference.tensor(name).data;
    const gradient = reference.tensor(`grad.${parameter.name}`).data;
    const tolerance = adamTolerance(expected, gradient, taken);
    const third = parameter.name.endsWith('qkv.bias') ? parameter.data.length / 3 : 0;
    for (const [index, value] of parameter.data.entries()) {
      // Adam makes steps of any size out of the rounding noise that the keys' biases have for a gradient.
      const isKey = index >= third && index < 2 * third;
      const bound = isKey ? taken.steps * taken.learningRate : (tolerance[index] ?? 0);
      const deviation = Math.abs(value - (expected[index] ?? Number.NaN));
      if (!(deviation <= bound)) expect(deviation, `${name}[${index}]`).toBeLessThanOrEqual(bound);
    }
  }
}
