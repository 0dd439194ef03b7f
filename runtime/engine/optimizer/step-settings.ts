import { EngineError, type StepSettings } from '../engine.ts';

/** What an optimizer must know of a parameter, beside its numbers. */
export interface OptimizedParameter {
  readonly name: string;
  /** Official shape. */
  readonly shape: readonly number[];
  /** Whether the weight decay of AdamW and SGD applies. */
  readonly decay: boolean;
}

/** What differs from parameter to parameter and from step to step. */
export interface ParameterStep {
  /** Learning rate of the parameter: the step's, times the parameter's scale. */
  readonly rate: number;
  /** Which step this is, from 1. */
  readonly step: number;
  readonly parameter: OptimizedParameter;
}

/** A parameter's part of a step. */
export function parameterStep(
  { learningRate, rateScales }: StepSettings,
  parameter: OptimizedParameter,
  step: number,
): ParameterStep {
  return { rate: learningRate * (rateScales?.get(parameter.name) ?? 1), step, parameter };
}

/** Whether LARS decays a parameter and adapts its rate: the official code tells by the dimensions alone. */
export function isAdapted({ shape }: Pick<OptimizedParameter, 'shape'>): boolean {
  return shape.length > 1;
}

/** What PyTorch adds to the norm that it divides by. */
const CLIP_EPSILON = 1e-6;

/**
 * What gradients of a global L2 norm are multiplied by to be clipped: `torch.nn.utils.clip_grad_norm_`. At most 1. Throws an
 * `EngineError` when the norm is not finite.
 */
export function clipFactor(norm: number, clip: number): number {
  if (!(clip > 0)) throw new RangeError(`gradients are clipped to a norm above 0, not to ${clip}`);
  if (!Number.isFinite(norm)) {
    throw new EngineError(
      'the gradients are not finite: no step was taken',
      'train with a lower learning rate, or with a longer warm-up',
    );
  }
  return Math.min(clip / (norm + CLIP_EPSILON), 1);
}
