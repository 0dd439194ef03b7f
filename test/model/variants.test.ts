import { describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch } from '../../runtime/engine/engine.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { Random } from '../../runtime/random.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';
import { drawMasking } from '../../runtime/train/draw-masking.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { type CompiledModelFolder, compileToFolder } from '../support/compiled-model.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

/** What a spec can say of an architecture, each beside the plain model. */
const VARIANTS: Readonly<Record<string, SpecOptions>> = {
  plain: {},
  'learned positions': { positions: 'learned' },
  'no positions': { positions: 'none' },
  'no class token': { classTokens: 0 },
  'three class tokens and two registers': { classTokens: 3, registers: 2, positions: 'learned' },
  'no qkv bias': { qkvBias: false },
  'normed queries and keys': { qkNorm: true },
  'layer scale': { layerScale: 0.1 },
  'absolute error': { loss: { kind: 'l1', on: 'masked' } },
  'loss on all patches': { loss: { kind: 'mse', on: 'all' }, target: 'normalized-pixels' },
  'mask tokens in the encoder': { mask: { tokensInEncoder: true } },
  'mask tokens in the encoder, loss on all': {
    mask: { tokensInEncoder: true },
    loss: { kind: 'l1', on: 'all' },
  },
  'grid mask': { mask: { kind: 'grid', unit: { height: 2, width: 2 } } },
  'block mask': { mask: { kind: 'block' } },
  'regular mask': { mask: { kind: 'regular' } },
  'rectangles of twelve channels': { image: [12, 20, 12], patch: [3, 5], target: 'normalized-pixels' },
  'padded pictures': { image: [10, 19, 3], patch: [4, 5], pad: true },
  'padded pictures, normalized targets': { image: [18, 15, 1], pad: true, target: 'normalized-pixels' },
  'normed patches': { patchNorm: true },
  'normed patches, mask tokens in the encoder': { patchNorm: true, mask: { tokensInEncoder: true } },
  'drop path': { dropPath: 0.5, decoder: [8, 3, 2] },
  dropout: { dropout: 0.3 },
  'drop path, dropout and layer scale, loss on all patches': {
    dropPath: 0.5,
    dropout: 0.2,
    layerScale: 0.1,
    loss: { kind: 'mse', on: 'all' },
  },
  'drop path and dropout, mask tokens in the encoder': {
    dropPath: 0.5,
    dropout: 0.2,
    mask: { tokensInEncoder: true },
  },
};

const BATCH = 3;

function batchFor({ spec }: CompiledModelFolder): PretrainingBatch {
  const random = Random.from('variants');
  const { channels, height, width } = spec.model.image;
  const images = Float32Array.from({ length: BATCH * channels * height * width }, () => random.normal());
  const pictures = [0, 1, 2];
  const drops = drawDrops(spec.graphs['pretrain-gradients'], pictures, 8);
  return { size: BATCH, images, masking: drawMasking(spec, pictures, 5), drops };
}

function leavesOut({ drops }: PretrainingBatch): boolean {
  return drops !== undefined && drops.size > 0;
}

/** Initial parameters moved off their symmetric start: every bias and scale matters. */
function parametersFor({ spec }: CompiledModelFolder): NamedTensor[] {
  return [...initialParameters(spec, 3)].map((tensor) => {
    const random = Random.from('variants', tensor.name);
    return { ...tensor, data: tensor.data.map((value) => value + 0.1 * random.normal()) };
  });
}

/** The change of the loss along a random direction, and what the gradient says it is. */
async function directionalDerivative(model: CompiledModelFolder, gradients: readonly NamedTensor[]) {
  const engine = await openEngine('onnx', { spec: model.spec, directory: model.directory, threads: 1 });
  const gradientOf = new Map(gradients.map(({ name, data }) => [name, data]));
  const start = parametersFor(model);
  const direction = new Map(
    start.map(({ name, data }) => {
      const random = Random.from('direction', name);
      return [name, gradientOf.has(name) ? data.map(() => random.normal()) : new Float32Array(data.length)];
    }),
  );
  const lossAt = async (step: number) => {
    const moved = start.map((tensor) => ({
      ...tensor,
      data: tensor.data.map((value, i) => value + step * (direction.get(tensor.name)?.[i] ?? 0)),
    }));
    await engine.loadParameters(moved);
    const batch = batchFor(model);
    // Nothing is left out of a reconstruction.
    return leavesOut(batch) ? engine.accumulate(batch, 1) : (await engine.reconstruct(batch)).loss;
  };
  const numeric = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3;
  const analytic = gradients.reduce((sum, { name, data }) => {
    const along = direction.get(name);
    return sum + data.reduce((inner, value, i) => inner + value * (along?.[i] ?? 0), 0);
  }, 0);
  await engine.dispose();
  return { numeric, analytic };
}

describe.each(Object.entries(VARIANTS))('a model with %s', (name, options) => {
  it('has the same loss, prediction and gradients on every engine, and the gradients are those of the loss', async () => {
    const model = await compileToFolder(modelSpec({ name: name.replaceAll(/[^a-z]+/g, '-'), ...options }));
    const run = async (kind: 'onnx' | 'tfjs') => {
      const engine = await openEngine(kind, { spec: model.spec, directory: model.directory, threads: 1 });
      await engine.loadParameters(parametersFor(model));
      const batch = batchFor(model);
      const { loss, prediction } = await engine.reconstruct(batch);
      const trained = await engine.accumulate(batch, 1);
      const gradients = await engine.readGradients();
      await engine.dispose();
      return { loss, prediction, trained, gradients };
    };
    const onnx = await run('onnx');
    const tfjs = await run('tfjs');
    expect(relativeDeviation([tfjs.loss], [onnx.loss])).toBeLessThan(2e-6);
    expect(relativeDeviation([tfjs.trained], [onnx.trained])).toBeLessThan(2e-6);
    const deviation = relativeDeviation([onnx.trained], [onnx.loss]);
    // The training step does less than the model as written, and must come to the same loss unless it leaves out something.
    if (leavesOut(batchFor(model))) expect(deviation).toBeGreaterThan(1e-4);
    else expect(deviation).toBeLessThan(2e-6);
    expect(relativeDeviation(tfjs.prediction, onnx.prediction)).toBeLessThan(1e-5);
    expect(tfjs.gradients.map((tensor) => tensor.name)).toEqual(onnx.gradients.map((tensor) => tensor.name));
    for (const [index, { name: parameter, data }] of onnx.gradients.entries()) {
      // What is added to all keys changes no softmax: the true gradient is zero, and there is rounding noise only.
      if (parameter.endsWith('k_norm.bias')) {
        for (const value of data) expect(Math.abs(value)).toBeLessThan(1e-6);
        continue;
      }
      const deviation = relativeDeviation(tfjs.gradients[index]?.data ?? [], data);
      expect(deviation, parameter).toBeLessThan(2e-5);
    }
    const { numeric, analytic } = await directionalDerivative(model, onnx.gradients);
    expect(Math.abs(numeric - analytic)).toBeLessThan(0.02 * Math.abs(analytic) + 2e-3);
    await model.remove();
  });
});
