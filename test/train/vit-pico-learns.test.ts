import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { drawPictureSet } from '../../examples/pictures-generator/draw-picture-set.ts';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures, readForEvaluation } from '../../runtime/data/pictures.ts';
import { openEngine } from '../../runtime/engine/open-engine.ts';
import { drawMasking } from '../../runtime/train/draw-masking.ts';
import { pretrain } from '../../runtime/train/pretrain.ts';
import { loadWeights } from '../../runtime/weights/checkpoint.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';

/** How far under the mean predictor's error the network must be, as a share of it. */
const MARGIN = 0.4;

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';
let model: CompiledModelFolder;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mae-learns-'));
  await drawPictureSet({ directory: join(folder, 'train'), perClass: 16, size: 64, seed: 1 });
  await drawPictureSet({ directory: join(folder, 'unseen'), perClass: 4, size: 64, seed: 2 });
  const { models } = compileSources(['spec/vit-pico.mae'], {
    read: (file) => readFileSync(join(root, file), 'utf8'),
    resolve: (from, specifier) => posix.join(posix.dirname(from), specifier),
  });
  const [spec] = models;
  if (!spec) throw new Error('spec/vit-pico.mae declares no model');
  model = await compileGraphsToFolder(spec);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await model.remove();
});

describe('vit-pico', () => {
  it(`after 200 steps predicts unseen pictures with ${100 * MARGIN}% less error than their mean would`, async () => {
    const open = () => openEngine('onnx', { spec: model.spec, directory: model.directory, threads: 2 });
    const { files } = await pretrain({
      spec: model.spec,
      openEngine: open,
      data: join(folder, 'train'),
      out: join(folder, 'run'),
      overrides: { epochs: 20, batch: 16 },
    });

    const pictures = new Pictures({
      source: await openSource(join(folder, 'unseen')),
      image: model.spec.model.image,
    });
    const indices = Array.from({ length: 40 }, (_, index) => index);
    const { images } = await readForEvaluation(pictures, indices);
    const engine = await open();
    await engine.loadParameters(await loadWeights(files.checkpoint, model.spec));
    const masking = drawMasking(model.spec, indices, 'learns');
    const { loss } = await engine.reconstruct({ size: indices.length, images, masking });
    await engine.dispose();

    // The best constant for each channel leaves that channel's variance, whatever is masked, but for sampling.
    const meanError = [0, 1, 2].reduce((sum, channel) => sum + channelVariance(images, channel) / 3, 0);
    expect(loss).toBeLessThan((1 - MARGIN) * meanError);
    // About 15 s; a machine that does something else may take many times that.
  }, 300_000);
});

/** The variance of one channel over pictures [N, 3, 64, 64]. */
function channelVariance(images: Float32Array, channel: number): number {
  const values = images.filter((_, index) => Math.floor(index / 4096) % 3 === channel);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
