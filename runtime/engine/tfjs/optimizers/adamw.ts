import { add, div, mul, sqrt, square, sub, zerosLike } from '@tensorflow/tfjs';
import type { AdamWSettings } from '../../engine.ts';
import type { TensorOptimizer } from './optimizer.ts';

/** AdamW (Loshchilov and Hutter 2019) in the order of operations of `torch.optim.AdamW`. */
export const adamw: TensorOptimizer<AdamWSettings> = (parameter, gradient, moments, settings, taken) => {
  const { betas, epsilon } = settings;
  const { rate, step } = taken;
  const [beta1, beta2] = betas;
  const weightDecay = taken.parameter.decay ? settings.weightDecay : 0;
  const first = add(mul(moments?.first ?? zerosLike(parameter), beta1), mul(gradient, 1 - beta1));
  const second = add(mul(moments?.second ?? zerosLike(parameter), beta2), mul(square(gradient), 1 - beta2));
  const root = div(sqrt(second), Math.sqrt(1 - beta2 ** step));
  const change = mul(div(first, add(root, epsilon)), rate / (1 - beta1 ** step));
  const kept = weightDecay === 0 ? parameter : mul(parameter, 1 - rate * weightDecay);
  return { parameter: sub(kept, change), moments: { first, second } };
};
