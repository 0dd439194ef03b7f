import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openLayerEncoder } from '../../../runtime/engine/onnx/layer-encoder.ts';
import { createOnnxEngine } from '../../../runtime/engine/onnx/onnx-engine.ts';
import { Random } from '../../../runtime/random.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';
import { compileGraphsToFolder } from '../../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../../support/model-folder.ts';
import { modelSpec } from '../../support/specs.ts';

const SIZE = 3;
const images = Random.from('layer-encoder').fillUniform(new Float32Array(SIZE * 3 * 16 * 16));

/** The same network, cut after `depth` blocks. */
const cut = (depth: number) => modelSpec({ name: `cut-${depth}`, encoder: [16, depth, 2] });

let whole: CompiledModelFolder;
beforeAll(async () => {
  whole = await compileGraphsToFolder(cut(3));
});
afterAll(() => whole.remove());

const weights = () => [...initialParameters(whole.spec, 5)];

async function layerFeatures(layer: number): Promise<Float32Array> {
  const encoder = await openLayerEncoder({ ...whole, layer, weights: weights(), threads: 1 });
  onTestFinished(() => encoder.dispose());
  return encoder.features(images, SIZE);
}

/** Layer norm with weight 1 and bias 0, as the initial one. */
function normed(rows: Float32Array, width: number): Float32Array {
  return rows.map((_, at) => {
    const row = rows.subarray(at - (at % width), at - (at % width) + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    return ((rows[at] ?? 0) - mean) / Math.sqrt(variance + 1e-6);
  });
}

describe('the features of a layer', () => {
  it.each([1, 2, 3])(
    'after %i blocks are those of a model with as many, but for its last norm',
    async (layer) => {
      const shallow = await compileGraphsToFolder(cut(layer));
      onTestFinished(() => shallow.remove());
      const engine = await createOnnxEngine({ ...shallow, threads: 1 });
      onTestFinished(() => engine.dispose());
      // Initial values follow from the seed and the name: both models have the same.
      await engine.loadParameters(initialParameters(shallow.spec, 5));
      const expected = await engine.features(images, SIZE);
      expect(relativeDeviation(normed(await layerFeatures(layer), 16), expected)).toBeLessThan(2e-5);
    },
  );

  it('are refused of a layer that is not there', async () => {
    const opened = openLayerEncoder({ ...whole, layer: 4, weights: weights() });
    await expect(opened).rejects.toMatchObject({
      message: 'cut-3 has 3 blocks, not 4',
      help: 'choose a layer from 1 to 3',
    });
  });
});
