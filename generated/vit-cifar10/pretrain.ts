// Made by mae-compile 0.1.0 from spec/vit-cifar10.mae (architecture e30cafd4f0d1).
// Change the spec and compile it again rather than this file.

import { runPretraining } from 'mae-compiler/runtime';

/** How vit-cifar10 is pretrained: the recipe mae-pretrain-tiny of the spec, every default spelled out. */
export const recipe = {
  name: 'mae-pretrain-tiny',
  epochs: 2000,
  warmup: 200,
  batch: 4096,
  accumulation: 8,
  recompute: 'none',
  precision: 'float32',
  optimizer: {
    kind: 'adamw',
    baseLearningRate: 0.00015,
    learningRatePer: 256,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  schedule: 'cosine',
  minimumLearningRate: 0,
  clip: 0,
  ema: 0,
  augment: {
    crop: [1, 1],
    aspect: [1, 1],
    flip: false,
    colorJitter: 0,
  },
  seed: 0,
} as const;

await runPretraining({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
