// Made by mae-compile 0.1.0 from spec/vit-large.mae (architecture 49981efd2b50).
// Change the spec and compile it again rather than this file.

import { runLinearProbing } from 'mae-compiler/runtime';

/** How vit-large is probed by a linear classifier on its frozen encoder: the recipe mae-linear-probe of the spec, every default spelled out. */
export const recipe = {
  name: 'mae-linear-probe',
  epochs: 50,
  warmup: 10,
  batch: 16384,
  accumulation: 1,
  recompute: 'none',
  precision: 'float32',
  optimizer: {
    kind: 'lars',
    baseLearningRate: 0.1,
    learningRatePer: 256,
    momentum: 0.9,
    trust: 0.001,
    weightDecay: 0,
  },
  schedule: 'cosine',
  minimumLearningRate: 0,
  clip: 0,
  ema: 0,
  augment: {
    crop: [0.08, 1],
    aspect: [0.75, 1.3333333333333333],
    flip: true,
    colorJitter: 0,
    randAugment: {
      magnitude: 0,
      deviation: 0.5,
      increasing: true,
      operations: 2,
      probability: 0.5,
    },
    erasing: {
      probability: 0,
      area: [0.02, 0.3333333333333333],
      aspect: [0.3, 3.3333333333333335],
    },
    mixing: {
      mixup: 0,
      cutmix: 0,
      probability: 1,
      switching: 0.5,
    },
  },
  classes: 1000,
  pooling: 'class-token',
  layerDecay: 1,
  dropPath: 0,
  dropout: 0,
  labelSmoothing: 0,
  classWeights: 'none',
  testCrop: 0.875,
  seed: 0,
} as const;

await runLinearProbing({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
