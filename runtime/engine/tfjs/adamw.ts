import { add, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs';
import type { AdamWUpdate } from '../engine.ts';

export interface AdamWTensors {
  readonly parameter: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019) for one parameter, in the order of operations of torch.optim.AdamW. `step`
 * counts from 1. Returns new tensors.
 */
export function adamw(
  tensors: AdamWTensors,
  gradient: Tensor,
  update: AdamWUpdate,
  step: number,
): AdamWTensors {
  const { learningRate, betas, epsilon, weightDecay } = update;
  const [beta1, beta2] = betas;
  const firstMoment = add(mul(tensors.firstMoment, beta1), mul(gradient, 1 - beta1));
  const secondMoment = add(mul(tensors.secondMoment, beta2), mul(square(gradient), 1 - beta2));
  const root = div(sqrt(secondMoment), Math.sqrt(1 - beta2 ** step));
  const change = mul(div(firstMoment, add(root, epsilon)), learningRate / (1 - beta1 ** step));
  const kept = weightDecay === 0 ? tensors.parameter : mul(tensors.parameter, 1 - learningRate * weightDecay);
  return { parameter: sub(kept, change), firstMoment, secondMoment };
}
