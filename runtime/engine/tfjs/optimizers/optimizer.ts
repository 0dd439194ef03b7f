import type { Tensor } from '@tensorflow/tfjs';
import type { ParameterStep } from '../../optimizer/step-settings.ts';

/** Moments of a parameter, in its stored layout; only some optimizers have second ones. */
export type Moments = { readonly first: Tensor; readonly second?: Tensor };

export interface NextTensors {
  readonly parameter: Tensor;
  readonly moments: Moments;
}

/** Takes one parameter's part of a step: returns new tensors. Without moments they are zero. */
export type TensorOptimizer<Settings> = (
  parameter: Tensor,
  gradient: Tensor,
  moments: Moments | undefined,
  settings: Settings,
  step: ParameterStep,
) => NextTensors;
