import type { Rule } from './rule.ts';

/** What can happen to a whole model between two folders. */
export const setRules = {
  added: {
    id: 'model-added',
    title: 'a model that the old side does not have',
    gravest: 'cosmetic',
    keys: ['file.model'],
    mirror: 'model-removed',
  },
  removed: {
    id: 'model-removed',
    title: 'a model that the new side does not have any more',
    gravest: 'weights',
    keys: ['file.model'],
    mirror: 'model-added',
  },
} as const satisfies Readonly<Record<string, Omit<Rule, 'find'>>>;

/** Two checkpoints of different trainings hold different networks, whatever their models. */
export const trainingRule = {
  id: 'checkpoint-training',
  title: 'a checkpoint of another training: the decoder or the head comes or goes',
  gravest: 'weights',
  keys: [],
} as const satisfies Omit<Rule, 'find'>;

/** Two checkpoints are compared number by number where a tensor is in both. */
export const numbersRule = {
  id: 'weight-values',
  title: 'the weights of two checkpoints have other numbers',
  gravest: 'numerics',
  keys: [],
} as const satisfies Omit<Rule, 'find'>;
