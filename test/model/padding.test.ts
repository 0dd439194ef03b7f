import { expect, it } from 'vitest';
import type { PretrainingBatch } from '../../runtime/engine/engine.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { Random } from '../../runtime/random.ts';
import { drawMasking } from '../../runtime/train/draw-masking.ts';
import { predictedPicture } from '../../runtime/view/patches.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { relativeDeviation } from '../reference/reference-case.ts';
import { compileToFolder } from '../support/compiled-model.ts';
import { modelSpec } from '../support/specs.ts';

const [HEIGHT, WIDTH] = [10, 13];
const PICTURES = [0, 1, 2];
const random = Random.from('padding');
const images = Float32Array.from({ length: PICTURES.length * 3 * HEIGHT * WIDTH }, () => random.normal());

/** The pictures with zeros on the right and at the bottom, 12 x 16. */
function whole(): Float32Array {
  return Float32Array.from({ length: PICTURES.length * 3 * 12 * 16 }, (_, i) => {
    const [plane, y, x] = [Math.floor(i / (12 * 16)), Math.floor(i / 16) % 12, i % 16];
    return y < HEIGHT && x < WIDTH ? (images[(plane * HEIGHT + y) * WIDTH + x] ?? 0) : 0;
  });
}

it.each(['pixels', 'normalized-pixels'] as const)(
  'a model that pads computes what one of whole patches does of pictures padded before (%s)',
  async (target) => {
    const padded = await compileToFolder(modelSpec({ image: [HEIGHT, WIDTH, 3], pad: true, target }));
    const exact = await compileToFolder(modelSpec({ image: [12, 16, 3], target }));
    const results = async (model: typeof padded, pictures: Float32Array, kind: 'onnx' | 'tfjs') => {
      const { spec, directory } = model;
      const engine = await openEngine(kind, { spec, directory, threads: 1 });
      await engine.loadParameters(initialParameters(spec, 3));
      const masking = drawMasking(spec, PICTURES, 5);
      const batch: PretrainingBatch = { size: PICTURES.length, images: pictures, masking };
      const { loss, prediction, mask } = await engine.reconstruct(batch);
      const trained = await engine.accumulate(batch, 1);
      const gradients = await engine.readGradients();
      const features = await engine.features(pictures, PICTURES.length);
      await engine.dispose();
      return { loss, prediction, mask, trained, gradients, features };
    };
    const expected = await results(exact, whole(), 'onnx');
    expect(padded.spec.tokens).toEqual(exact.spec.tokens);
    for (const kind of ['onnx', 'tfjs'] as const) {
      const actual = await results(padded, images, kind);
      expect(
        relativeDeviation([actual.loss, actual.trained], [expected.loss, expected.trained]),
      ).toBeLessThan(2e-6);
      expect(relativeDeviation(actual.prediction, expected.prediction)).toBeLessThan(1e-5);
      expect(relativeDeviation(actual.features, expected.features)).toBeLessThan(1e-5);
      for (const [index, { name, data }] of expected.gradients.entries())
        expect(relativeDeviation(actual.gradients[index]?.data ?? [], data), name).toBeLessThan(2e-5);
    }
    // The drawing's own loss counts padding as the model does.
    const { prediction, mask, loss } = expected;
    const sizes = { picture: 3 * HEIGHT * WIDTH, prediction: 12 * 48 };
    const part = (array: Float32Array, size: number, i: number) => array.subarray(i * size, (i + 1) * size);
    const losses = PICTURES.map((_, i) => {
      const picture = part(images, sizes.picture, i);
      return predictedPicture(
        padded.spec.model,
        picture,
        part(prediction, sizes.prediction, i),
        part(mask, 12, i),
      ).loss;
    });
    expect(losses.reduce((sum, each) => sum + each, 0) / PICTURES.length).toBeCloseTo(loss, 5);
    await padded.remove();
    await exact.remove();
  },
);
