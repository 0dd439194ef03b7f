// Made by mae-compile 0.1.0 from spec/vit-large.mae (architecture 49981efd2b50).
// Change the spec and compile it again rather than this file.
import { runFinetuning } from 'mae-compiler/runtime';
/** How vit-large is fine-tuned, with a classifier on top: the recipe mae-finetune of the spec, every default spelled out. */
export const recipe = {
    name: 'mae-finetune',
    epochs: 50,
    warmup: 5,
    batch: 1024,
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
    minimumLearningRate: 0.000001,
    clip: 0,
    ema: 0,
    augment: {
        crop: [0.08, 1],
        aspect: [0.75, 1.3333333333333333],
        flip: true,
        colorJitter: 0,
        randAugment: {
            magnitude: 9,
            deviation: 0.5,
            increasing: true,
            operations: 2,
            probability: 0.5,
        },
        erasing: {
            probability: 0.25,
            area: [0.02, 0.3333333333333333],
            aspect: [0.3, 3.3333333333333335],
        },
        mixing: {
            mixup: 0.8,
            cutmix: 1,
            probability: 1,
            switching: 0.5,
        },
    },
    classes: 1000,
    pooling: 'mean',
    layerDecay: 0.75,
    dropPath: 0.2,
    dropout: 0,
    labelSmoothing: 0.1,
    classWeights: 'none',
    testCrop: 0.875,
    seed: 0,
};
await runFinetuning({ directory: new URL('.', import.meta.url), recipe, argv: process.argv.slice(2) });
