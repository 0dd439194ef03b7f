import { describe, expect, it } from 'vitest';
import { type ModelSpec, patchGrid } from '../../compiler/language/model-spec.ts';
import { compileShipped, shippedFiles } from '../support/shipped-specs.ts';

const { models, diagnostics } = compileShipped();

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
  it('have no diagnostics, and each file but the recipes’ and the ablations’ holds the model it is named after', () => {
    expect(diagnostics).toEqual([]);
    const own = models.filter(({ source }) => !source.startsWith('spec/ablations/'));
    const files = Object.keys(shippedFiles).filter((file) => !file.startsWith('spec/ablations/'));
    expect(own.map(({ name }) => `spec/${name}.mae`)).toEqual(
      files.filter((file) => file !== 'spec/recipes.mae'),
    );
    for (const { description } of own) expect(description).toMatch(/^ViT-/);
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
    expect(model.patch).toEqual({ height: patch, width: patch, pad: false, norm: false });
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
      recompute: 'none',
      precision: 'float32',
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
      augment: { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true, colorJitter: 0 },
      clip: 0,
      ema: 0,
      seed: 0,
    });
  });

  it.each([
    // name, epochs, base rate, layer decay, drop path (table 9); epochs of linear probing (table 10)
    ['vit-base', 100, 5e-4, 0.65, 0.1, 90],
    ['vit-large', 50, 1e-3, 0.75, 0.2, 50],
    ['vit-huge', 50, 1e-3, 0.75, 0.3, 50],
  ])(
    '%s is fine-tuned and probed by the official recipes',
    (name, epochs, rate, layerDecay, dropPath, probed) => {
      const { finetune, linearProbe } = modelNamed(name);
      expect(finetune).toMatchObject({
        epochs,
        warmup: 5,
        batch: 1024,
        optimizer: { kind: 'adamw', baseLearningRate: rate, learningRatePer: 256, betas: [0.9, 0.999] },
        minimumLearningRate: 1e-6,
        clip: 0,
        augment: {
          crop: [0.08, 1],
          flip: true,
          colorJitter: 0,
          randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
          erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
          mixing: { mixup: 0.8, cutmix: 1, probability: 1, switching: 0.5 },
        },
        classes: 1000,
        pooling: 'mean',
        layerDecay,
        dropPath,
        labelSmoothing: 0.1,
        testCrop: 0.875,
      });
      expect(linearProbe).toMatchObject({
        epochs: probed,
        warmup: 10,
        batch: 16384,
        optimizer: { kind: 'lars', baseLearningRate: 0.1, learningRatePer: 256, momentum: 0.9, trust: 0.001 },
        augment: { crop: [0.08, 1], flip: true },
        classes: 1000,
        pooling: 'class-token',
      });
      expect(linearProbe?.optimizer.weightDecay).toBe(0);
    },
  );

  it('vit-tiny has the size that speed is measured with', () => {
    const { image, patch, encoder, decoder, mask, loss } = modelNamed('vit-tiny');
    expect(image).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(patch).toMatchObject({ height: 4, width: 4 });
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

describe('the ablations of the paper’s table 1', () => {
  const base = modelNamed('ablation-base');

  /** What a row changes of the base, by dotted path. */
  function changes(name: string): Record<string, unknown> {
    const leaves = (value: object, prefix = ''): [string, unknown][] =>
      Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? leaves(inner, `${prefix}${key}.`)
          : [[prefix + key, inner]],
      );
    const plain = ({ spans: _, name: __, description: ___, source: ____, ...rest }: ModelSpec) => rest;
    const before = new Map(leaves(plain(base)));
    return Object.fromEntries(
      leaves(plain(modelNamed(name))).filter(
        ([key, value]) => JSON.stringify(before.get(key)) !== JSON.stringify(value),
      ),
    );
  }

  it('start from ViT-Large as the paper has it', () => {
    const { encoder, decoder, mask, loss, pretrain } = base;
    expect(encoder).toMatchObject({ width: 1024, depth: 24, heads: 16 });
    expect(decoder).toMatchObject({ width: 512, depth: 8 });
    expect([mask.kind, mask.ratio, loss.target, pretrain.epochs]).toEqual(['random', 0.75, 'pixels', 800]);
  });

  it.each([
    ['decoder-depth-1', { 'decoder.depth': 1 }],
    ['decoder-depth-2', { 'decoder.depth': 2 }],
    ['decoder-depth-4', { 'decoder.depth': 4 }],
    ['decoder-depth-8', {}],
    ['decoder-depth-12', { 'decoder.depth': 12 }],
    ['decoder-width-128', { 'decoder.width': 128, 'decoder.mlpWidth': 512 }],
    ['decoder-width-256', { 'decoder.width': 256, 'decoder.mlpWidth': 1024 }],
    ['decoder-width-512', {}],
    ['decoder-width-768', { 'decoder.width': 768, 'decoder.mlpWidth': 3072 }],
    ['decoder-width-1024', { 'decoder.width': 1024, 'decoder.mlpWidth': 4096 }],
    ['encoder-mask-tokens', { 'mask.tokensInEncoder': true }],
    ['no-encoder-mask-tokens', {}],
    ['target-pixels', {}],
    ['target-normalized-pixels', { 'loss.target': 'normalized-pixels' }],
    [
      'augment-none',
      {
        'pretrain.augment.crop': [1, 1],
        'pretrain.augment.aspect': [1, 1],
        'pretrain.augment.flip': false,
      },
    ],
    [
      'augment-crop-fixed-size',
      // 224 of 256 pixels on each side
      { 'pretrain.augment.crop': [(224 / 256) ** 2, (224 / 256) ** 2], 'pretrain.augment.aspect': [1, 1] },
    ],
    ['augment-crop-random-size', {}],
    ['augment-crop-color-jitter', { 'pretrain.augment.colorJitter': 0.4 }],
    ['mask-random-75', {}],
    ['mask-block-50', { 'mask.kind': 'block', 'mask.ratio': 0.5 }],
    ['mask-block-75', { 'mask.kind': 'block' }],
    ['mask-regular-75', { 'mask.kind': 'regular' }],
  ])('%s changes what its row says', (row, expected) => {
    expect(changes(`ablation-${row}`)).toEqual(expected);
  });

  it('are all of these rows', () => {
    const rows = models.filter(({ source }) => source.startsWith('spec/ablations/'));
    expect(rows).toHaveLength(23);
  });
});
