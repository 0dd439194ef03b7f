import type { Kernels } from './kernels.ts';
import type { ParameterStep } from './step-settings.ts';

/** Where the arrays of a trainable parameter lie in their memory, in bytes, and the loops over that memory. */
export interface ArenaArrays {
  readonly kernels: Kernels;
  /** Of each array, padding included; not zero. */
  readonly length: number;
  readonly value: number;
  readonly gradient: number;
  readonly firstMoment: number;
  readonly secondMoment: number;
}

/** Takes one parameter's part of a step, in place, from its gradient, which stays. */
export type ArenaOptimizer<Settings> = (arrays: ArenaArrays, settings: Settings, step: ParameterStep) => void;
