import { describe, expect, it } from 'vitest';
import type { NamedTensor, PretrainingBatch } from '../../../runtime/engine/engine.ts';
import { createOnnxEngine } from '../../../runtime/engine/onnx/onnx-engine.ts';
import { createTfjsEngine } from '../../../runtime/engine/tfjs/tfjs-engine.ts';
import { Random } from '../../../runtime/random.ts';
import { maskingFromNoise } from '../../../runtime/train/masking.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { compileToFolder } from '../../support/compiled-model.ts';
import { modelSpec, type SpecOptions } from '../../support/specs.ts';

const TOLERANCE = 5e-6;

/** What shapes the generated classes, and is in none of the recorded cases. */
const MODELS: Readonly<Record<string, SpecOptions>> = {
  'equal-stacks': { encoder: [16, 1, 2], decoder: [16, 1, 2] },
  'grey-and-flat': { image: [8, 64, 1], patch: [2, 16], target: 'normalized-pixels' },
  'no-class-token': { classTokens: 0, qkvBias: false },
  'absolute-error': { loss: { kind: 'l1', on: 'masked' }, positions: 'none' },
  'every-extra': {
    classTokens: 2,
    registers: 3,
    qkNorm: true,
    layerScale: 0.1,
    positions: 'learned',
    mlpRatio: 2,
    loss: { kind: 'mse', on: 'all' },
  },
};

/** Numbers in which no parameter is at a special value. */
function someParameters(parameters: readonly Pick<NamedTensor, 'name' | 'shape'>[]): NamedTensor[] {
  return parameters.map(({ name, shape }) => {
    const random = Random.from('agreement', name);
    const size = shape.reduce((product, side) => product * side, 1);
    return { name, shape, data: Float32Array.from({ length: size }, () => 0.3 * random.normal()) };
  });
}

/** Where the loss does not depend on the key bias, there is rounding noise only. */
const isNoise = ({ name }: NamedTensor) => name.endsWith('qkv.bias') || name.endsWith('k_norm.bias');

describe('the engines agree on a model with', () => {
  it.each(Object.entries(MODELS))('%s', async (name, options) => {
    const source = modelSpec({ name, ...options });
    const { directory, spec, remove } = await compileToFolder(source);
    const { image, patch, mask } = source;
    const patches = (image.height / patch.height) * (image.width / patch.width);
    const layout = { size: 3, patches, visible: Math.trunc(patches * (1 - mask.ratio)) };
    const random = Random.from('agreement', name);
    const noise = Float32Array.from({ length: 3 * patches }, () => random.uniform());
    const pixels = 3 * image.channels * image.height * image.width;
    const images = Float32Array.from({ length: pixels }, () => random.normal());
    const batch: PretrainingBatch = { size: 3, images, masking: maskingFromNoise(noise, layout) };

    const run = async (engine: Awaited<ReturnType<typeof createOnnxEngine>>) => {
      await engine.loadParameters(someParameters(spec.parameters));
      const loss = await engine.accumulate(batch, 0.5);
      const gradients = await engine.readGradients();
      const { prediction } = await engine.reconstruct(batch);
      const results = {
        prediction,
        features: await engine.features(images, 3),
        latent: await engine.latent(batch),
      };
      await engine.dispose();
      return { loss, gradients, results: Object.entries(results) };
    };
    const tfjs = await run(await createTfjsEngine({ spec, directory, backend: 'cpu' }));
    const onnx = await run(await createOnnxEngine({ spec, directory, threads: 1 }));
    await remove();

    expect(relativeDeviation([tfjs.loss], [onnx.loss])).toBeLessThan(TOLERANCE);
    for (const [index, [what, numbers]] of onnx.results.entries()) {
      expect(relativeDeviation(tfjs.results[index]?.[1] ?? [], numbers), what).toBeLessThan(TOLERANCE);
    }
    expect(tfjs.gradients.map((gradient) => gradient.name)).toEqual(
      onnx.gradients.map((gradient) => gradient.name),
    );
    for (const [index, gradient] of onnx.gradients.entries()) {
      if (isNoise(gradient)) continue;
      expect(relativeDeviation(tfjs.gradients[index]?.data ?? [], gradient.data), gradient.name).toBeLessThan(
        TOLERANCE,
      );
    }
  });
});
