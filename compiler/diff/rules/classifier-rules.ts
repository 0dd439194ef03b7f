import { percent } from '../../language/words.ts';
import { recipeValue } from './recipe-value.ts';
import { type Rule, showNumber } from './rule.ts';

/** Changes of what only classifiers have. */
export const classifierRules: readonly Rule[] = [
  recipeValue({
    id: 'classes',
    key: 'recipe.classes',
    path: 'classes',
    title: 'the classifier tells another number of classes apart',
    gravest: 'weights',
    read: ({ classes }) => classes,
    show: String,
    notes: (_, __, training) => [
      `${training === 'finetune' ? 'head' : 'head.1'} changes shape`,
      `${training}-classifier.onnx yields as many logits`,
    ],
  }),
  recipeValue({
    id: 'pooling',
    key: 'recipe.pooling',
    path: 'pooling',
    title: 'the classifier sees something else of the encoder’s tokens',
    gravest: 'weights',
    read: ({ pooling }) => pooling,
    show: String,
    classify: (training) => (training === 'finetune' ? 'weights' : 'numerics'),
    notes: (_, { pooling }, training) =>
      training === 'finetune'
        ? [pooling === 'mean' ? 'fc_norm takes the place of norm' : 'norm takes the place of fc_norm']
        : ['the head sees other features of the same encoder'],
  }),
  recipeValue({
    id: 'layer-decay',
    key: 'recipe.layer-decay',
    path: 'layer-decay',
    title: 'the learning rates of the blocks fall otherwise towards the first',
    read: ({ layerDecay }) => layerDecay,
    show: showNumber,
  }),
  recipeValue({
    id: 'finetune-drop-path',
    key: 'recipe.drop-path',
    path: 'drop-path',
    title: 'fine-tuning leaves out other shares of the encoder’s branches',
    read: ({ dropPath }) => dropPath,
    show: percent,
  }),
  recipeValue({
    id: 'finetune-dropout',
    key: 'recipe.dropout',
    path: 'dropout',
    title: 'fine-tuning drops other shares of the encoder’s numbers',
    read: ({ dropout }) => dropout,
    show: percent,
  }),
  recipeValue({
    id: 'label-smoothing',
    key: 'recipe.label-smoothing',
    path: 'label-smoothing',
    title: 'another share of each target is spread over all classes',
    read: ({ labelSmoothing }) => labelSmoothing,
    show: percent,
  }),
  recipeValue({
    id: 'class-weights',
    key: 'recipe.class-weights',
    path: 'class-weights',
    title: 'pictures count otherwise by their class',
    read: ({ classWeights }) => classWeights,
    show: String,
  }),
  recipeValue({
    id: 'test-crop',
    key: 'recipe.test-crop',
    path: 'test-crop',
    title: 'the model sees another part of test pictures',
    read: ({ testCrop }) => testCrop,
    show: percent,
  }),
];
