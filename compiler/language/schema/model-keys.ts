import type { KeyEntry } from './key-entry.ts';
import {
  choice,
  count,
  countOrFlag,
  countOrMultiple,
  flag,
  number,
  reference,
  share,
  sideOrSize,
  size,
} from './value-types.ts';

const paper = 'He et al. 2022, "Masked Autoencoders Are Scalable Vision Learners"';
const vit = 'Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words"';
const code = 'facebookresearch/mae';

export const positionKinds = {
  'sincos-2d': 'fixed 2-D sine-cosine table, the column index first, temperature 10000',
  learned: 'a table that is trained, one row for each token',
  none: 'not at all: a picture is a bag of patches',
} as const;

export const maskKinds = {
  random: 'every patch is as likely to be removed as any other',
  block: 'rectangles of many patches are removed together',
  grid: 'the picture is cut into units of patches, and whole units are removed at random',
  regular: 'one patch of every cell stays, always at the same place: every second row and column at 75%',
} as const;

export const lossKinds = {
  mse: 'mean squared error',
  l1: 'mean absolute error',
} as const;

export const lossPlaces = {
  masked: 'over the removed patches only',
  all: 'over all patches, those that the encoder sees too',
} as const;

export const lossTargets = {
  pixels: 'the values of the normalised picture',
  'normalized-pixels':
    'these less the mean of their patch, divided by its deviation (unbiased variance, eps 1e-6)',
} as const;

const side = { least: 1, most: 16384 };

/** The keys of a model and of its blocks. */
export const modelKeys: readonly KeyEntry[] = [
  {
    key: 'image',
    places: ['model'],
    slots: [
      {
        name: 'size',
        type: size([
          { axis: 'height', bounds: side },
          { axis: 'width', bounds: side },
          { axis: 'channels', bounds: { least: 1, most: 4096 } },
        ]),
        unit: 'pixels and channels',
      },
    ],
    block: 'image',
    required: true,
    doc: 'Height, width and channels of the pictures that the model sees.',
    source: `${vit}, section 3.1`,
    example: 'image 224x224x3',
  },
  {
    key: 'mean',
    places: ['image'],
    slots: [{ name: 'values', type: number({ least: 0, most: 1 }), repeated: true, unit: 'share of white' }],
    doc: 'What is subtracted from each channel of a picture scaled to 0..1: one number a channel.',
    computedDefault: 'ImageNet’s 0.485 0.456 0.406 for three channels, 0.5 for each of any other number',
    source: `${code}, main_pretrain.py; torchvision's ImageNet statistics`,
    example: 'mean 0.485 0.456 0.406',
  },
  {
    key: 'deviation',
    places: ['image'],
    slots: [{ name: 'values', type: number({ above: 0, most: 1 }), repeated: true, unit: 'share of white' }],
    doc: 'What each channel is then divided by: one number a channel.',
    computedDefault: 'ImageNet’s 0.229 0.224 0.225 for three channels, 0.5 for each of any other number',
    source: `${code}, main_pretrain.py; torchvision's ImageNet statistics`,
    example: 'deviation 0.229 0.224 0.225',
  },
  {
    key: 'patch',
    places: ['model'],
    slots: [{ name: 'size', type: sideOrSize(side), unit: 'pixels' }],
    required: true,
    doc: 'The side of the square patches that become tokens, or their height and width.',
    source: `${vit}, section 3.1`,
    example: 'patch 16',
  },
  {
    key: 'encoder',
    places: ['model'],
    slots: [],
    block: 'encoder',
    required: true,
    doc: 'The transformer that sees the visible patches.',
    source: `${paper}, section 3`,
    example: 'encoder { width 768, depth 12, heads 12 }',
  },
  {
    key: 'decoder',
    places: ['model'],
    slots: [],
    block: 'decoder',
    required: true,
    doc: 'The transformer that predicts the removed patches; only used in pretraining.',
    source: `${paper}, section 3`,
    example: 'decoder { width 512, depth 8, heads 16 }',
  },
  {
    key: 'width',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'channels', type: count({ least: 1, most: 65536 }), unit: 'channels' }],
    required: true,
    doc: 'Channels of a token; a multiple of the heads and, for sincos-2d positions, of 4.',
    source: `${vit}, table 1; ${paper}, section 4.1 (decoder)`,
    example: 'width 768',
  },
  {
    key: 'depth',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'blocks', type: count({ least: 1, most: 1024 }), unit: 'blocks' }],
    required: true,
    doc: 'Number of transformer blocks.',
    source: `${vit}, table 1; ${paper}, section 4.1 (decoder)`,
    example: 'depth 12',
  },
  {
    key: 'heads',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'heads', type: count({ least: 1, most: 1024 }), unit: 'heads' }],
    required: true,
    doc: 'Attention heads of each block; they share the width equally.',
    source: `${vit}, table 1; ${code}, models_mae.py (decoder)`,
    example: 'heads 12',
  },
  {
    key: 'mlp',
    places: ['encoder', 'decoder'],
    slots: [
      {
        name: 'hidden',
        type: countOrMultiple({ least: 1, most: 1048576 }, { above: 0, most: 64 }),
        default: { factor: 4 },
        unit: 'channels, or times the width',
      },
    ],
    doc: 'Hidden width of the MLP of each block, absolute or relative to the width.',
    source: `${vit}, table 1; ${code}, models_mae.py`,
    example: 'mlp 4x',
  },
  {
    key: 'qkv-bias',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'switch', type: flag, default: true }],
    doc: 'Whether the projections to queries, keys and values have a bias.',
    source: `${code}, models_mae.py`,
    example: 'qkv-bias no',
  },
  {
    key: 'qk-norm',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'switch', type: flag, default: false }],
    doc: 'Whether queries and keys get a layer norm of their own within each head; steadies the training of large models.',
    source: 'Dehghani et al. 2023, "Scaling Vision Transformers to 22 Billion Parameters"; timm, qk_norm',
    example: 'qk-norm',
  },
  {
    key: 'layer-scale',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'initial', type: number({ least: 0, most: 1 }), default: 0 }],
    doc: 'Initial value of the learned factor of each channel of a residual branch; 0 for no such factors.',
    source: 'Touvron et al. 2021, "Going Deeper with Image Transformers"; timm, init_values',
    example: 'layer-scale 1e-5',
  },
  {
    key: 'norm-eps',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'epsilon', type: number({ above: 0, below: 1 }), default: 1e-6 }],
    doc: 'What the layer norms add to the variance.',
    source: `${code}, models_mae.py`,
    example: 'norm-eps 1e-6',
  },
  {
    key: 'positions',
    places: ['encoder', 'decoder'],
    slots: [{ name: 'kind', type: choice(positionKinds), default: 'sincos-2d' }],
    doc: 'How tokens know their place in the picture.',
    source: `${paper}, appendix A.1; ${code}, util/pos_embed.py`,
    example: 'positions sincos-2d',
  },
  {
    key: 'class-token',
    places: ['encoder'],
    slots: [{ name: 'tokens', type: countOrFlag({ least: 0, most: 256 }), default: 1, unit: 'tokens' }],
    doc: 'Learned tokens that go through the network before those of the patches; yes means one.',
    source: `${paper}, appendix A.1; Yang et al. 2025, Pixio (several)`,
    example: 'class-token no',
  },
  {
    key: 'registers',
    places: ['encoder'],
    slots: [{ name: 'tokens', type: count({ least: 0, most: 256 }), default: 0, unit: 'tokens' }],
    doc: 'Further learned tokens, after the class tokens, that have no positions and no use but to hold what the network puts there.',
    source: 'Darcet et al. 2024, "Vision Transformers Need Registers"; timm, reg_tokens',
    example: 'registers 4',
  },
  {
    key: 'mask',
    places: ['model'],
    slots: [
      { name: 'kind', type: choice(maskKinds) },
      { name: 'ratio', type: share({ above: 0, below: 1 }), unit: 'share of the patches' },
    ],
    block: 'mask',
    required: true,
    doc: 'Which patches are removed, and how many of them.',
    source: `${paper}, section 3 and table 1f; Bao et al. 2022, BEiT (block); Yang et al. 2025, Pixio (grid)`,
    example: 'mask random 75%',
  },
  {
    key: 'unit',
    places: ['mask'],
    slots: [{ name: 'size', type: sideOrSize({ least: 1, most: 1024 }), default: [1, 1], unit: 'patches' }],
    doc: 'The patches that a grid mask removes or keeps together: one side, or height and width.',
    source: 'Yang et al. 2025, Pixio',
    example: 'unit 4x4',
  },
  {
    key: 'tokens-in-encoder',
    places: ['mask'],
    slots: [{ name: 'switch', type: flag, default: false }],
    doc: 'Whether the encoder runs on mask tokens too, in the places of the removed patches; slower and worse, as an ablation.',
    source: `${paper}, table 1c`,
    example: 'tokens-in-encoder',
  },
  {
    key: 'loss',
    places: ['model'],
    slots: [{ name: 'kind', type: choice(lossKinds) }],
    block: 'loss',
    required: true,
    doc: 'How a prediction is measured.',
    source: `${paper}, section 3`,
    example: 'loss mse { on masked, target normalized-pixels }',
  },
  {
    key: 'on',
    places: ['loss'],
    slots: [{ name: 'patches', type: choice(lossPlaces), default: 'masked' }],
    doc: 'The patches whose predictions count.',
    source: `${paper}, section 3`,
    example: 'on masked',
  },
  {
    key: 'target',
    places: ['loss'],
    slots: [{ name: 'kind', type: choice(lossTargets) }],
    required: true,
    doc: 'What is to be predicted.',
    source: `${paper}, section 3 and table 1d`,
    example: 'target normalized-pixels',
  },
  {
    key: 'pretrain',
    places: ['model'],
    slots: [{ name: 'recipe', keyword: 'using', type: reference('recipe'), optional: true }],
    block: 'recipe',
    required: true,
    doc: 'The recipe that the model is pretrained by; its block changes some keys of it.',
    source: `${paper}, appendix A.1`,
    example: 'pretrain using mae-pretrain { epochs 1600 }',
  },
];
