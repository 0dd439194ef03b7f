import { add, mul, sub, zerosLike } from '@tensorflow/tfjs';
import type { SgdSettings } from '../../engine.ts';
import type { TensorOptimizer } from './optimizer.ts';

/** Gradient descent with momentum in the order of operations of `torch.optim.SGD` without dampening. */
export const sgd: TensorOptimizer<SgdSettings> = (parameter, gradient, moments, settings, taken) => {
  const { momentum, nesterov } = settings;
  const weightDecay = taken.parameter.decay ? settings.weightDecay : 0;
  const change = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
  const first = add(mul(moments?.first ?? zerosLike(parameter), momentum), change);
  const direction = nesterov ? add(change, mul(first, momentum)) : first;
  return { parameter: sub(parameter, mul(direction, taken.rate)), moments: { first } };
};
