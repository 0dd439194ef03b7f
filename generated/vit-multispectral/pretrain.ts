// Made by mae-compile 0.1.0 from spec/vit-multispectral.mae (architecture de80b1a6d782).
// Change the spec and compile it again rather than this file.

import { runPretraining } from 'mae-compiler/runtime';

/** How vit-multispectral is pretrained: the recipe mae-pretrain of the spec, every default spelled out. */
export const recipe = {
  name: 'mae-pretrain',
  epochs: 800,
  warmup: 40,
  batch: 1024,
  accumulation: 1,
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
    crop: [0.2, 1],
    aspect: [0.75, 1.3333333333333333],
    flip: true,
    colorJitter: 0,
  },
  seed: 0,
} as const;

await runPretraining({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
