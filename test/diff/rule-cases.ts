import type { Parts } from '../language/support.ts';

/** A pair of specs that differ in what one rule finds, at its gravest. */
export interface RuleCase {
  readonly old: Parts;
  readonly new: Parts;
}

const encoder = (more: string) => `encoder { width 192, depth 12, heads 3${more === '' ? '' : `, ${more}`} }`;
const decoder = (more: string) => `decoder { width 96, depth 2, heads 3${more === '' ? '' : `, ${more}`} }`;

/** The same change of either stack; `{}` for what a rule needs besides. */
function stackCases(stack: 'encoder' | 'decoder', width: number): Record<string, RuleCase> {
  const part = (text: string): Parts => (stack === 'encoder' ? { encoder: text } : { decoder: text });
  const block = stack === 'encoder' ? encoder : decoder;
  const more = (statement: string): RuleCase => ({ old: {}, new: part(block(statement)) });
  const depth = stack === 'encoder' ? 12 : 2;
  const own = (text: string): RuleCase => ({ old: {}, new: part(`${stack} { ${text} }`) });
  return {
    [`${stack}-width`]: own(`width ${width / 2}, depth ${depth}, heads 3`),
    [`${stack}-depth`]: own(`width ${width}, depth 1, heads 3`),
    [`${stack}-heads`]: {
      old: part(block('qk-norm')),
      new: part(`${stack} { width ${width}, depth ${depth}, heads 6, qk-norm }`),
    },
    [`${stack}-mlp`]: more('mlp 2x'),
    [`${stack}-qkv-bias`]: more('qkv-bias no'),
    [`${stack}-qk-norm`]: more('qk-norm'),
    [`${stack}-layer-scale`]: more('layer-scale 1e-5'),
    [`${stack}-drop-path`]: more('drop-path 10%'),
    [`${stack}-dropout`]: more('dropout 10%'),
    [`${stack}-norm-eps`]: more('norm-eps 1e-5'),
    [`${stack}-positions`]: more('positions none'),
  };
}

const finetune = (old: string, now: string): RuleCase => ({
  old: { classifiers: `finetune using test-recipe { ${old} }` },
  new: { classifiers: `finetune using test-recipe { ${now} }` },
});

const optimizer = (old: string, now: string): RuleCase => ({
  old: { optimizer: `optimizer ${old}` },
  new: { optimizer: `optimizer ${now}` },
});

/** By rule; `model-added` and `model-removed`, which are of folders, are tested by themselves. */
export const ruleCases: Readonly<Record<string, RuleCase>> = {
  'image-size': { old: {}, new: { image: 'image 64x32x3' } },
  'image-channels': { old: {}, new: { image: 'image 32x32x4' } },
  'image-mean': { old: {}, new: { image: 'image 32x32x3 { mean 0.5 0.5 0.5 }' } },
  'image-deviation': { old: {}, new: { image: 'image 32x32x3 { deviation 0.5 0.5 0.5 }' } },
  'patch-size': { old: {}, new: { patch: 'patch 8' } },
  'patch-pad': { old: {}, new: { image: 'image 30x32x3', patch: 'patch 4 { pad }' } },
  'accepted-sizes': { old: {}, new: { image: 'image 32x32x3\n  accept multiples' } },
  'patch-norm': { old: {}, new: { patch: 'patch 4 { norm }' } },
  'class-tokens': { old: {}, new: { encoder: encoder('class-token no') } },
  registers: { old: {}, new: { encoder: encoder('registers 4') } },
  ...stackCases('encoder', 192),
  ...stackCases('decoder', 96),
  'mask-kind': { old: { mask: 'mask random 70%' }, new: { mask: 'mask grid 70% { unit 2 }' } },
  'mask-ratio': { old: {}, new: { mask: 'mask random 50%' } },
  'mask-unit': { old: { mask: 'mask grid 60% { unit 2 }' }, new: { mask: 'mask grid 60% { unit 4 }' } },
  'mask-tokens-in-encoder': { old: {}, new: { mask: 'mask random 75% { tokens-in-encoder }' } },
  'loss-kind': { old: {}, new: { loss: 'loss l1 { target pixels }' } },
  'loss-on': { old: {}, new: { loss: 'loss mse { on all, target pixels }' } },
  'loss-target': { old: {}, new: { loss: 'loss mse { target normalized-pixels }' } },
  'classifier-added': { old: {}, new: { classifiers: 'finetune using test-recipe' } },
  'classifier-removed': { old: { classifiers: 'linear-probe using test-recipe' }, new: {} },
  'recipe-epochs': { old: {}, new: { epochs: 'epochs 20' } },
  'recipe-warmup': { old: {}, new: { warmup: 'warmup 1' } },
  'recipe-batch': { old: {}, new: { batch: 'batch 128' } },
  'recipe-accumulate': { old: {}, new: { accumulate: 'accumulate 4' } },
  'recipe-recompute': { old: {}, new: { training: 'recompute blocks' } },
  'recipe-precision': { old: {}, new: { training: 'precision float16' } },
  'recipe-minimum-lr': { old: {}, new: { schedule: 'schedule cosine { minimum-lr 1e-6 }' } },
  'recipe-clip': { old: {}, new: { training: 'clip 1' } },
  'recipe-ema': { old: {}, new: { training: 'ema 0.999' } },
  'recipe-seed': { old: {}, new: { seed: 'seed 7' } },
  optimizer: optimizer('adamw { lr 1e-3 per 256, weight-decay 0 }', 'sgd { lr 1e-3 per 256 }'),
  'optimizer-lr': optimizer('adamw { lr 1e-3 per 256 }', 'adamw { lr 2e-3 per 256 }'),
  'optimizer-betas': optimizer('adamw { lr 1e-3 per 256 }', 'adamw { lr 1e-3 per 256, betas 0.9 0.999 }'),
  'optimizer-momentum': optimizer('lars { lr 1 per 256 }', 'lars { lr 1 per 256, momentum 0.8 }'),
  'optimizer-nesterov': optimizer('sgd { lr 1 per 256 }', 'sgd { lr 1 per 256, nesterov }'),
  'optimizer-trust': optimizer('lars { lr 1 per 256 }', 'lars { lr 1 per 256, trust 0.01 }'),
  'optimizer-epsilon': optimizer('adamw { lr 1e-3 per 256 }', 'adamw { lr 1e-3 per 256, epsilon 1e-6 }'),
  'optimizer-weight-decay': optimizer(
    'adamw { lr 1e-3 per 256 }',
    'adamw { lr 1e-3 per 256, weight-decay 0.3 }',
  ),
  'augment-crop': { old: {}, new: { augment: 'augment { crop 20%..100% }' } },
  'augment-aspect': { old: {}, new: { augment: 'augment { aspect 1..1 }' } },
  'augment-flip': { old: {}, new: { augment: 'augment { flip }' } },
  'augment-color-jitter': { old: {}, new: { augment: 'augment { color-jitter 40% }' } },
  'rand-augment': finetune('augment { flip no }', 'augment { rand-augment 9 }'),
  'rand-augment-deviation': finetune(
    'augment { rand-augment 9 }',
    'augment { rand-augment 9 { deviation 0.2 } }',
  ),
  'rand-augment-increasing': finetune(
    'augment { rand-augment 9 }',
    'augment { rand-augment 9 { increasing no } }',
  ),
  'rand-augment-operations': finetune(
    'augment { rand-augment 9 }',
    'augment { rand-augment 9 { operations 3 } }',
  ),
  'rand-augment-probability': finetune(
    'augment { rand-augment 9 }',
    'augment { rand-augment 9 { probability 100% } }',
  ),
  erase: finetune('augment { flip no }', 'augment { erase 25% }'),
  'erase-area': finetune('augment { erase 25% }', 'augment { erase 25% { area 10%..20% } }'),
  'erase-aspect': finetune('augment { erase 25% }', 'augment { erase 25% { aspect 0.5..2 } }'),
  mixup: finetune('augment { flip no }', 'augment { mixup 0.8 }'),
  cutmix: finetune('augment { flip no }', 'augment { cutmix 1 }'),
  'mix-probability': finetune('augment { mixup 1 }', 'augment { mixup 1, mix-probability 50% }'),
  'mix-switch': finetune('augment { mixup 1, cutmix 1 }', 'augment { mixup 1, cutmix 1, mix-switch 25% }'),
  classes: finetune('classes 1000', 'classes 10'),
  pooling: finetune('pooling mean', 'pooling class-token'),
  'layer-decay': finetune('layer-decay 1', 'layer-decay 0.65'),
  'finetune-drop-path': finetune('drop-path 0%', 'drop-path 20%'),
  'finetune-dropout': finetune('dropout 0%', 'dropout 10%'),
  'label-smoothing': finetune('label-smoothing 0%', 'label-smoothing 10%'),
  'class-weights': finetune('class-weights none', 'class-weights balanced'),
  'test-crop': finetune('test-crop 87.5%', 'test-crop 100%'),
};
