import type { KeyEntry } from './key-entry.ts';
import { choice, count, flag, number, range } from './value-types.ts';

const paper = 'He et al. 2022, table 8';
const code = 'facebookresearch/mae';
const torch = 'PyTorch';

export const optimizerKinds = {
  adamw: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019)',
} as const;

export const scheduleKinds = {
  cosine: 'linear warm-up, then half a cosine down to minimum-lr, step by step (Loshchilov and Hutter 2017)',
} as const;

/** The keys of a recipe and of its blocks. */
export const recipeKeys: readonly KeyEntry[] = [
  {
    key: 'epochs',
    places: ['recipe'],
    slots: [{ name: 'epochs', type: count({ least: 1, most: 1_000_000 }), unit: 'epochs' }],
    required: true,
    doc: 'How often the training goes through all pictures.',
    source: paper,
    example: 'epochs 800',
  },
  {
    key: 'warmup',
    places: ['recipe'],
    slots: [{ name: 'epochs', type: number({ least: 0, most: 1_000_000 }), default: 0, unit: 'epochs' }],
    doc: 'Epochs over which the learning rate rises from 0; part of the epochs and less than them.',
    source: paper,
    example: 'warmup 40',
  },
  {
    key: 'batch',
    places: ['recipe'],
    slots: [{ name: 'pictures', type: count({ least: 1, most: 16_777_216 }), unit: 'pictures' }],
    required: true,
    doc: 'Pictures per step of the optimizer, over all micro-batches.',
    source: paper,
    example: 'batch 4096',
  },
  {
    key: 'accumulate',
    places: ['recipe'],
    slots: [{ name: 'batches', type: count({ least: 1, most: 65_536 }), default: 1, unit: 'micro-batches' }],
    doc: 'Micro-batches into which a batch is cut to fit in memory; their gradients are accumulated.',
    source: `${code}, main_pretrain.py (--accum_iter)`,
    example: 'accumulate 8',
  },
  {
    key: 'optimizer',
    places: ['recipe'],
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
    slots: [
      { name: 'first', type: number({ least: 0, below: 1 }), default: 0.9 },
      { name: 'second', type: number({ least: 0, below: 1 }), default: 0.95 },
    ],
    doc: 'Decay of the running means of the gradient and of its square.',
    source: `${paper}; Chen et al. 2020 (0.95)`,
    example: 'betas 0.9 0.95',
  },
  {
    key: 'epsilon',
    places: ['optimizer'],
    slots: [{ name: 'epsilon', type: number({ above: 0, below: 1 }), default: 1e-8 }],
    doc: 'What is added to the root of the second moment.',
    source: `${torch}, torch.optim.AdamW`,
    example: 'epsilon 1e-8',
  },
  {
    key: 'weight-decay',
    places: ['optimizer'],
    slots: [{ name: 'decay', type: number({ least: 0, most: 100 }), default: 0.05 }],
    doc: 'Decoupled weight decay of all parameters but biases and others of one dimension.',
    source: paper,
    example: 'weight-decay 0.05',
  },
  {
    key: 'schedule',
    places: ['recipe'],
    slots: [{ name: 'kind', type: choice(scheduleKinds), default: 'cosine' }],
    block: 'schedule',
    doc: 'How the learning rate changes over the training.',
    source: paper,
    example: 'schedule cosine',
  },
  {
    key: 'minimum-lr',
    places: ['schedule'],
    slots: [{ name: 'rate', type: number({ least: 0, most: 1000 }), default: 0 }],
    doc: 'The learning rate at the end, not scaled by the batch; at most the peak.',
    source: `${code}, main_pretrain.py (--min_lr)`,
    example: 'minimum-lr 1e-6',
  },
  {
    key: 'augment',
    places: ['recipe'],
    slots: [],
    block: 'augment',
    doc: 'How pictures are varied; without it they are only brought to size.',
    source: paper,
    example: 'augment { crop 20%..100%, flip }',
  },
  {
    key: 'crop',
    places: ['augment'],
    slots: [
      { name: 'area', type: range({ above: 0, most: 1 }, true), default: [1, 1], unit: 'share of the area' },
    ],
    doc: 'Random resized crop: the share of the picture that is cut out.',
    source: `${paper}; Szegedy et al. 2015`,
    example: 'crop 20%..100%',
  },
  {
    key: 'aspect',
    places: ['augment'],
    slots: [
      {
        name: 'ratio',
        type: range({ above: 0, most: 100 }, false),
        default: [3 / 4, 4 / 3],
        unit: 'width over height',
      },
    ],
    doc: 'Random resized crop: the shape of what is cut out.',
    source: 'torchvision, transforms.RandomResizedCrop',
    example: 'aspect 0.75..1.3333',
  },
  {
    key: 'flip',
    places: ['augment'],
    slots: [{ name: 'switch', type: flag, default: false }],
    doc: 'Whether half of the pictures are mirrored left to right.',
    source: paper,
    example: 'flip',
  },
  {
    key: 'seed',
    places: ['recipe'],
    slots: [{ name: 'seed', type: count({ least: 0, most: 4_294_967_295 }), default: 0 }],
    doc: 'Where the random numbers of the training start: the same seed gives the same training.',
    source: `${code}, main_pretrain.py (--seed)`,
    example: 'seed 0',
  },
];
