// Made by mae-compile 0.1.0 from spec/vit-cifar10.mae (architecture e30cafd4f0d1).
// Change the spec and compile it again rather than this file.
import { runFinetuning } from 'mae-compiler/runtime';
/** How vit-cifar10 is fine-tuned, with a classifier on top: the recipe cifar10-finetune of the spec, every default spelled out. */
export const recipe = {
    name: 'cifar10-finetune',
    epochs: 100,
    warmup: 5,
    batch: 128,
    accumulation: 1,
    recompute: 'none',
    precision: 'float32',
    optimizer: {
        kind: 'adamw',
        baseLearningRate: 0.001,
        learningRatePer: 256,
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay: 0.05,
    },
    schedule: 'cosine',
    minimumLearningRate: 0,
    clip: 0,
    ema: 0,
    augment: {
        crop: [1, 1],
        aspect: [0.75, 1.3333333333333333],
        flip: false,
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
    classes: 10,
    pooling: 'class-token',
    layerDecay: 1,
    dropPath: 0,
    dropout: 0,
    labelSmoothing: 0,
    classWeights: 'none',
    testCrop: 1,
    seed: 0,
};
await runFinetuning({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
