import type { SgdSettings } from '../engine.ts';
import type { ArenaOptimizer } from './optimizer.ts';

/**
 * Gradient descent with momentum with the arithmetic of PyTorch's `torch.optim.SGD` without dampening. PyTorch's momentum
 * buffer begins as the first gradient, which is what one that begins with zeros is after its first step.
 */
export const sgd: ArenaOptimizer<SgdSettings> = (arrays, settings, { rate, parameter }) => {
  const { momentum, nesterov, weightDecay } = settings;
  arrays.kernels.momentum(
    arrays.value,
    arrays.gradient,
    arrays.firstMoment,
    arrays.length,
    parameter.decay ? weightDecay : 0,
    1,
    momentum,
    nesterov ? 1 : 0,
    nesterov ? momentum : 1,
    rate,
  );
};
