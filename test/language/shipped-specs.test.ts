import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import { type ModelSpec, patchGrid } from '../../compiler/language/model-spec.ts';
import { readerOf } from './support.ts';

const folder = fileURLToPath(new URL('../../spec', import.meta.url));
const files = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.mae'))
    .map((file) => [`spec/${file}`, readFileSync(path.join(folder, file), 'utf8')]),
);
const { models, diagnostics } = compileSources(Object.keys(files), readerOf(files));

function modelNamed(name: string): ModelSpec {
  const model = models.find((each) => each.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  return model;
}

/** Parameters of the official pretraining model (models_mae.py), fixed positions included. */
function parameters({ image, patch, encoder, decoder }: ModelSpec): number {
  const { height, width } = patchGrid({ image, patch });
  const tokens = height * width + 1;
  const pixels = patch.height * patch.width * image.channels;
  const block = (d: number, hidden: number) => 4 * d * d + 4 * d + 2 * d * hidden + hidden + d + 4 * d;
  const stack = (t: { width: number; depth: number; mlpWidth: number }) =>
    t.depth * block(t.width, t.mlpWidth) + 2 * t.width + tokens * t.width;
  const embeddings = (pixels + 1) * encoder.width + encoder.width;
  const bridge = (encoder.width + 1) * decoder.width + decoder.width;
  return stack(encoder) + stack(decoder) + embeddings + bridge + (decoder.width + 1) * pixels;
}

describe('the specs of the project', () => {
  it('have no diagnostics, and each file but the recipes’ holds the model it is named after, described', () => {
    expect(diagnostics).toEqual([]);
    expect(models.map(({ name }) => `spec/${name}.mae`)).toEqual(
      Object.keys(files).filter((file) => file !== 'spec/recipes.mae'),
    );
    for (const { description } of models) expect(description).toMatch(/^ViT-/);
  });

  it.each([
    // name, patch, width, depth, heads, parameters in millions: He et al. 2022 and the official code
    ['vit-base', 16, 768, 12, 12, 111.91],
    ['vit-large', 16, 1024, 24, 16, 329.54],
    ['vit-huge', 14, 1280, 32, 16, 657.07],
  ])('%s has the official size', (name, patch, width, depth, heads, millions) => {
    const model = modelNamed(name);
    expect(model.image).toEqual({
      height: 224,
      width: 224,
      channels: 3,
      mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225],
    });
    expect(model.patch).toEqual({ height: patch, width: patch });
    expect(model.encoder).toMatchObject({
      width,
      depth,
      heads,
      mlpWidth: 4 * width,
      classTokens: 1,
      registers: 0,
    });
    expect(model.decoder).toMatchObject({ width: 512, depth: 8, heads: 16, mlpWidth: 2048 });
    expect(model.mask).toMatchObject({ kind: 'random', ratio: 0.75, tokensInEncoder: false });
    expect(model.loss).toEqual({ kind: 'mse', on: 'masked', target: 'normalized-pixels' });
    expect(parameters(model) / 1e6).toBeCloseTo(millions, 2);
  });

  it.each(['vit-base', 'vit-large', 'vit-huge'])('%s is pretrained by the official recipe', (name) => {
    expect(modelNamed(name).pretrain).toEqual({
      name: 'mae-pretrain',
      epochs: 800,
      warmup: 40,
      batch: 4096,
      accumulation: 1,
      optimizer: {
        kind: 'adamw',
        baseLearningRate: 1.5e-4,
        learningRatePer: 256,
        betas: [0.9, 0.95],
        epsilon: 1e-8,
        weightDecay: 0.05,
      },
      schedule: 'cosine',
      minimumLearningRate: 0,
      augment: { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true },
      seed: 0,
    });
  });

  it('vit-tiny has the size that speed is measured with', () => {
    const { image, patch, encoder, decoder, mask, loss } = modelNamed('vit-tiny');
    expect(image).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(patch).toEqual({ height: 4, width: 4 });
    expect(encoder).toMatchObject({ width: 192, depth: 12, heads: 3 });
    expect(decoder).toMatchObject({ width: 96, depth: 2, heads: 3 });
    expect([mask.ratio, loss.target]).toEqual([0.75, 'normalized-pixels']);
  });

  it('vit-pico predicts pixels and takes small batches', () => {
    const { loss, pretrain } = modelNamed('vit-pico');
    expect(loss.target).toBe('pixels');
    expect(pretrain).toMatchObject({ name: 'mae-pretrain-pico', batch: 32 });
  });
});
