import { peakNote, recipeValue } from './recipe-value.ts';
import { type Rule, showNumber, yesOrNo } from './rule.ts';

/** Changes of how gradients change the parameters. */
export const optimizerRules: readonly Rule[] = [
  recipeValue({
    id: 'optimizer',
    key: 'recipe.optimizer',
    path: 'optimizer',
    title: 'another optimizer',
    read: ({ optimizer }) => optimizer.kind,
    show: String,
    notes: () => ['a checkpoint’s optimizer state is of no use to it'],
  }),
  recipeValue({
    id: 'optimizer-lr',
    key: 'optimizer.lr',
    path: 'optimizer.lr',
    title: 'another learning rate',
    read: ({ optimizer }) => [optimizer.baseLearningRate, optimizer.learningRatePer],
    show: ([rate = 0, per = 0]) => `${showNumber(rate)} per ${per}`,
    notes: (old, now) => [peakNote(old, now)],
  }),
  recipeValue({
    id: 'optimizer-betas',
    key: 'optimizer.betas',
    path: 'optimizer.betas',
    title: 'the means of the gradients decay otherwise',
    read: ({ optimizer }) => ('betas' in optimizer ? optimizer.betas : undefined),
    show: (betas) => betas.map(showNumber).join(' '),
  }),
  recipeValue({
    id: 'optimizer-momentum',
    key: 'optimizer.momentum',
    path: 'optimizer.momentum',
    title: 'each step keeps another share of the one before',
    read: ({ optimizer }) => ('momentum' in optimizer ? optimizer.momentum : undefined),
    show: showNumber,
  }),
  recipeValue({
    id: 'optimizer-nesterov',
    key: 'optimizer.nesterov',
    path: 'optimizer.nesterov',
    title: 'the momentum looks ahead, or no longer does',
    read: ({ optimizer }) => ('nesterov' in optimizer ? optimizer.nesterov : undefined),
    show: yesOrNo,
  }),
  recipeValue({
    id: 'optimizer-trust',
    key: 'optimizer.trust',
    path: 'optimizer.trust',
    title: 'a step may change a layer by another share',
    read: ({ optimizer }) => ('trust' in optimizer ? optimizer.trust : undefined),
    show: showNumber,
  }),
  recipeValue({
    id: 'optimizer-epsilon',
    key: 'optimizer.epsilon',
    path: 'optimizer.epsilon',
    title: 'another number is added to the root of the second moment',
    read: ({ optimizer }) => ('epsilon' in optimizer ? optimizer.epsilon : undefined),
    show: showNumber,
  }),
  recipeValue({
    id: 'optimizer-weight-decay',
    key: 'optimizer.weight-decay',
    path: 'optimizer.weight-decay',
    title: 'parameters decay otherwise',
    read: ({ optimizer }) => optimizer.weightDecay,
    show: showNumber,
  }),
];
