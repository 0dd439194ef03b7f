import type { AdamWSettings } from '../engine.ts';
import type { ArenaOptimizer } from './optimizer.ts';

/**
 * AdamW (Loshchilov and Hutter 2019) with the arithmetic of PyTorch's `torch.optim.AdamW`, in float32 but for the scalars.
 * `epsilon` must be above 0 in float32.
 */
export const adamw: ArenaOptimizer<AdamWSettings> = (arrays, settings, { rate, step, parameter }) => {
  const { epsilon, betas } = settings;
  const [beta1, beta2] = betas;
  if (!(Math.fround(epsilon) > 0)) throw new RangeError(`AdamW needs an epsilon above 0, not ${epsilon}`);
  arrays.kernels.adamw(
    arrays.value,
    arrays.gradient,
    arrays.firstMoment,
    arrays.secondMoment,
    arrays.length,
    1 - rate * (parameter.decay ? settings.weightDecay : 0),
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    rate / (1 - beta1 ** step),
    1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
  );
};
