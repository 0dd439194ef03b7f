import {
  add,
  div,
  greater,
  logicalAnd,
  mul,
  onesLike,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs';
import type { LarsSettings } from '../../engine.ts';
import { isAdapted } from '../../optimizer/step-settings.ts';
import type { TensorOptimizer } from './optimizer.ts';

/** Layer-wise adaptive rate scaling in the order of operations of the official util/lars.py. */
export const lars: TensorOptimizer<LarsSettings> = (parameter, gradient, moments, settings, taken) => {
  const change = isAdapted(taken.parameter) ? adapted(parameter, gradient, settings) : gradient;
  const first = add(mul(moments?.first ?? zerosLike(parameter), settings.momentum), change);
  return { parameter: sub(parameter, mul(first, taken.rate)), moments: { first } };
};

/** The decayed gradient, scaled to `trust` times the parameter's norm where neither norm is zero. */
function adapted(parameter: Tensor, gradient: Tensor, { trust, weightDecay }: LarsSettings): Tensor {
  const change = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
  const [parameterNorm, changeNorm] = [parameter.norm(), change.norm()];
  const ratio = div(mul(parameterNorm, trust), changeNorm);
  const isDefined = logicalAnd(greater(parameterNorm, 0), greater(changeNorm, 0));
  return mul(change, where(isDefined, ratio, onesLike(ratio)));
}
