import type { KeyEntry, Training } from './key-entry.ts';
import { choice, count, number, share } from './value-types.ts';

const table9 = 'He et al. 2022, table 9';
const code = 'facebookresearch/mae';
const classifiers: readonly Training[] = ['finetune', 'linear-probe'];

export const poolingKinds = {
  mean: 'the mean of the tokens of all patches',
  'class-token': 'the class token; the mean of them where there are several',
} as const;

export const classWeightKinds = {
  none: 'every picture counts the same',
  balanced:
    'a picture counts the more, the fewer there are of its class: pictures / (classes × pictures of the class)',
} as const;

/** The keys of a recipe that trains a classifier. */
export const classifierKeys: readonly KeyEntry[] = [
  {
    key: 'classes',
    places: ['recipe'],
    change: 'weights',
    slots: [{ name: 'classes', type: count({ least: 2, most: 1_000_000 }), default: 1000, unit: 'classes' }],
    trainings: classifiers,
    doc: 'Classes that the classifier tells apart; those of the data must be as many.',
    source: `${code}, main_finetune.py (--nb_classes)`,
    example: 'classes 1000',
  },
  {
    key: 'pooling',
    places: ['recipe'],
    change: 'weights',
    slots: [{ name: 'kind', type: choice(poolingKinds) }],
    trainings: classifiers,
    doc: 'What of the encoder’s tokens the classifier sees.',
    computedDefault: 'mean in fine-tuning; class-token in linear probing, where there is one',
    source: `${code}, main_finetune.py (--global_pool), main_linprobe.py (--cls_token)`,
    example: 'pooling mean',
  },
  {
    key: 'layer-decay',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'factor', type: number({ above: 0, most: 1 }), default: 1 }],
    trainings: ['finetune'],
    doc: 'The learning rate of a block as a share of that of the block after it; the classifier’s is 1.',
    source: `${table9}; Clark et al. 2020, "ELECTRA"; Bao et al. 2022, BEiT`,
    example: 'layer-decay 0.75',
  },
  {
    key: 'drop-path',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'rate', type: share({ least: 0, below: 1 }) }],
    trainings: ['finetune'],
    doc: 'The encoder’s drop-path in this training.',
    computedDefault: 'what encoder says',
    source: table9,
    example: 'drop-path 10%',
  },
  {
    key: 'dropout',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'rate', type: share({ least: 0, below: 1 }) }],
    trainings: ['finetune'],
    doc: 'The encoder’s dropout in this training.',
    computedDefault: 'what encoder says',
    source: 'Srivastava et al. 2014, "Dropout"',
    example: 'dropout 10%',
  },
  {
    key: 'label-smoothing',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'share', type: share({ least: 0, below: 1 }), default: 0 }],
    trainings: classifiers,
    doc: 'Share of each target that is spread evenly over all classes.',
    source: `${table9}; Szegedy et al. 2016`,
    example: 'label-smoothing 10%',
  },
  {
    key: 'class-weights',
    places: ['recipe'],
    change: 'recipe',
    slots: [{ name: 'kind', type: choice(classWeightKinds), default: 'none' }],
    trainings: classifiers,
    doc: 'How much a picture counts in the loss, by its class.',
    source: 'King and Zeng 2001; scikit-learn, class_weight',
    example: 'class-weights balanced',
  },
  {
    key: 'test-crop',
    places: ['recipe'],
    change: 'recipe',
    slots: [
      {
        name: 'share',
        type: share({ above: 0, most: 1 }),
        default: 0.875,
        unit: 'share of the shorter side',
      },
    ],
    trainings: classifiers,
    doc: 'The centre of a test picture that the model sees: 224 of 256 pixels in the official evaluation.',
    source: `${code}, util/datasets.py`,
    example: 'test-crop 87.5%',
  },
];
