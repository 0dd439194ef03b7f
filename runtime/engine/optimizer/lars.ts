import type { LarsSettings } from '../engine.ts';
import type { ArenaOptimizer } from './optimizer.ts';
import { isAdapted } from './step-settings.ts';

/**
 * Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017) as the official util/lars.py has it, after SimSiam and MoCo v3:
 * the change of a parameter of more than one dimension is its decayed gradient, scaled to `trust` times the
 * parameter's norm; that of the others is their gradient. The norms are summed in float64.
 */
export const lars: ArenaOptimizer<LarsSettings> = (arrays, settings, { rate, parameter }) => {
  const { kernels, value, gradient, firstMoment, length } = arrays;
  const adapted = isAdapted(parameter);
  const decay = adapted ? settings.weightDecay : 0;
  const ratio = adapted
    ? trustRatio(
        Math.sqrt(kernels.squares(value, length)),
        Math.sqrt(kernels.decayedSquares(gradient, value, length, decay)),
        settings.trust,
      )
    : 1;
  kernels.momentum(value, gradient, firstMoment, length, decay, ratio, settings.momentum, 0, 1, rate);
};

/** What a change is multiplied by, from the L2 norms of the parameter and of the change; 1 where either is zero. */
function trustRatio(parameterNorm: number, changeNorm: number, trust: number): number {
  return parameterNorm > 0 && changeNorm > 0 ? (trust * parameterNorm) / changeNorm : 1;
}
