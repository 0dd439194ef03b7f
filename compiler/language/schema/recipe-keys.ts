import { augmentKeys } from './augment-keys.ts';
import { classifierKeys } from './classifier-keys.ts';
import type { KeyEntry } from './key-entry.ts';
import { choice, count, flag, number } from './value-types.ts';

const paper = 'He et al. 2022, table 8';
const code = 'facebookresearch/mae';
const torch = 'PyTorch';

export const optimizerKinds = {
  adamw: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019)',
  lars: 'momentum with a learning rate for each layer, for very large batches (You et al. 2017)',
  sgd: 'stochastic gradient descent with momentum',
} as const;

export const scheduleKinds = {
  cosine: 'linear warm-up, then half a cosine down to minimum-lr, step by step (Loshchilov and Hutter 2017)',
} as const;

export const recomputeKinds = {
  none: 'what the backward pass reads is kept from the forward pass',
  blocks: 'of a transformer block only its input is kept, and the rest is computed from it again',
} as const;

export const precisionKinds = {
  float32: 'all in float32',
  float16:
    'matrix products in float16, all else in float32, with a scaled loss; where the device has no float16, the step is computed in float32',
} as const;

/** The keys of a recipe and of its blocks. */
export const recipeKeys: readonly KeyEntry[] = [
  {
    key: 'epochs',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'epochs', type: count({ least: 1, most: 1_000_000 }), unit: 'epochs' }],
    required: true,
    doc: 'How often the training goes through all pictures.',
    source: paper,
    example: 'epochs 800',
  },
  {
    key: 'warmup',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'epochs', type: number({ least: 0, most: 1_000_000 }), default: 0, unit: 'epochs' }],
    doc: 'Epochs over which the learning rate rises from 0; part of the epochs and less than them.',
    source: paper,
    example: 'warmup 40',
  },
  {
    key: 'batch',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'pictures', type: count({ least: 1, most: 16_777_216 }), unit: 'pictures' }],
    required: true,
    doc: 'Pictures per step of the optimizer, over all micro-batches.',
    source: paper,
    example: 'batch 4096',
  },
  {
    key: 'accumulate',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'batches', type: count({ least: 1, most: 65_536 }), default: 1, unit: 'micro-batches' }],
    doc: 'Micro-batches into which a batch is cut to fit in memory; their gradients are accumulated.',
    source: `${code}, main_pretrain.py (--accum_iter)`,
    example: 'accumulate 8',
  },
  {
    key: 'recompute',
    places: ['recipe'],
    change: 'recipe',
    trainings: ['pretrain', 'finetune'],
    slots: [{ name: 'what', type: choice(recomputeKinds), default: 'none' }],
    doc: 'What a step computes twice to need less memory; the gradients stay the same. The tfjs engine keeps everything.',
    source: 'Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"',
    example: 'recompute blocks',
  },
  {
    key: 'precision',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'type', type: choice(precisionKinds), default: 'float32' }],
    doc: 'What a step computes in; parameters and moments always are float32. float16 is for the onnx engine on WebGPU.',
    source: 'Micikevicius et al. 2018, "Mixed Precision Training"; PyTorch, torch.amp',
    example: 'precision float16',
  },
  {
    key: 'optimizer',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'kind', type: choice(optimizerKinds) }],
    block: 'optimizer',
    required: true,
    doc: 'How gradients change the parameters.',
    source: paper,
    example: 'optimizer adamw { lr 1.5e-4 per 256, betas 0.9 0.95, weight-decay 0.05 }',
  },
  {
    key: 'lr',
    places: ['optimizer'],
    change: 'recipe',
    slots: [
      { name: 'rate', type: number({ above: 0, most: 1000 }) },
      { name: 'batch', keyword: 'per', type: count({ least: 1, most: 16_777_216 }), unit: 'pictures' },
    ],
    required: true,
    doc: 'The peak learning rate for a batch of so many pictures; for another batch it is scaled in proportion.',
    source: `${paper}; Goyal et al. 2017 (linear scaling)`,
    example: 'lr 1.5e-4 per 256',
  },
  {
    key: 'betas',
    places: ['optimizer'],
    change: 'recipe',
    optimizers: ['adamw'],
    slots: [
      { name: 'first', type: number({ least: 0, below: 1 }), default: 0.9 },
      { name: 'second', type: number({ least: 0, below: 1 }), default: 0.95 },
    ],
    doc: 'Decay of the running means of the gradient and of its square.',
    source: `${paper}; Chen et al. 2020 (0.95)`,
    example: 'betas 0.9 0.95',
  },
  {
    key: 'momentum',
    places: ['optimizer'],
    change: 'recipe',
    optimizers: ['lars', 'sgd'],
    slots: [{ name: 'momentum', type: number({ least: 0, below: 1 }), default: 0.9 }],
    doc: 'Share of the step before that each step keeps.',
    source: 'He et al. 2022, table 10',
    example: 'momentum 0.9',
  },
  {
    key: 'nesterov',
    places: ['optimizer'],
    change: 'recipe',
    optimizers: ['sgd'],
    slots: [{ name: 'switch', type: flag, default: false }],
    doc: 'Whether the momentum looks one step ahead (Nesterov 1983).',
    source: `${torch}, torch.optim.SGD`,
    example: 'nesterov',
  },
  {
    key: 'trust',
    places: ['optimizer'],
    change: 'recipe',
    optimizers: ['lars'],
    slots: [{ name: 'coefficient', type: number({ above: 0, most: 1000 }), default: 0.001 }],
    doc: 'How far a step may change a layer, as a share of the norm of its parameters.',
    source: `You et al. 2017, "Large Batch Training of Convolutional Networks"; ${code}, util/lars.py`,
    example: 'trust 0.001',
  },
  {
    key: 'epsilon',
    places: ['optimizer'],
    change: 'recipe',
    optimizers: ['adamw'],
    slots: [{ name: 'epsilon', type: number({ above: 0, below: 1 }), default: 1e-8 }],
    doc: 'What is added to the root of the second moment.',
    source: `${torch}, torch.optim.AdamW`,
    example: 'epsilon 1e-8',
  },
  {
    key: 'weight-decay',
    places: ['optimizer'],
    change: 'recipe',
    slots: [{ name: 'decay', type: number({ least: 0, most: 100 }) }],
    doc: 'Weight decay of all parameters but biases and others of one dimension; decoupled from the gradient in adamw.',
    computedDefault: '0.05 for adamw, 0 for lars and sgd',
    source: `${paper} (adamw) and table 10 (lars)`,
    example: 'weight-decay 0.05',
  },
  {
    key: 'schedule',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'kind', type: choice(scheduleKinds), default: 'cosine' }],
    block: 'schedule',
    doc: 'How the learning rate changes over the training.',
    source: paper,
    example: 'schedule cosine',
  },
  {
    key: 'minimum-lr',
    places: ['schedule'],
    change: 'recipe',
    slots: [{ name: 'rate', type: number({ least: 0, most: 1000 }), default: 0 }],
    doc: 'The learning rate at the end, not scaled by the batch; at most the peak.',
    source: `${code}, main_pretrain.py (--min_lr)`,
    example: 'minimum-lr 1e-6',
  },
  {
    key: 'augment',
    places: ['recipe'],
    change: 'cosmetic',
    slots: [],
    block: 'augment',
    doc: 'How pictures are varied; without it they are only brought to size.',
    source: paper,
    example: 'augment { crop 20%..100%, flip }',
  },
  ...augmentKeys,
  {
    key: 'clip',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'norm', type: number({ least: 0, most: 1_000_000 }), default: 0 }],
    doc: 'Largest norm of all gradients together: larger ones are scaled down to it; 0 for no such limit.',
    source: `${code}, main_finetune.py (--clip_grad); Pascanu et al. 2013`,
    example: 'clip 1',
  },
  {
    key: 'ema',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'decay', type: number({ least: 0, below: 1 }), default: 0 }],
    doc: 'Decay of a running mean of the parameters, which is what is evaluated and kept beside them; it starts lower and rises with the steps; 0 for none.',
    source: 'Polyak and Juditsky 1992; timm, ModelEmaV3 (decay_warmup)',
    example: 'ema 0.9999',
  },
  ...classifierKeys,
  {
    key: 'seed',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'seed', type: count({ least: 0, most: 4_294_967_295 }), default: 0 }],
    doc: 'Where the random numbers of the training start: the same seed gives the same training.',
    source: `${code}, main_pretrain.py (--seed)`,
    example: 'seed 0',
  },
];
