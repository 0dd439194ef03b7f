import type { OptimizerKind, OptimizerSettingsByKind, OptimizerUpdate } from '../engine.ts';
import type { ArenaArrays } from './optimizer.ts';
import type { ParameterArena } from './parameter-arena.ts';
import { ARENA_OPTIMIZERS } from './registry.ts';
import { clipFactor, type OptimizedParameter, type ParameterStep, parameterStep } from './step-settings.ts';

/**
 * Scales the parameters' gradients down, in place, so that the L2 norm of them all is at most `clip`. Returns the norm before,
 * summed in float64. Throws an `EngineError`, and changes nothing, when it is not finite.
 */
export function clipGradients(
  arena: ParameterArena,
  parameters: readonly Pick<OptimizedParameter, 'name'>[],
  clip: number,
): number {
  const gradients = parameters.map(({ name }) => arena.gradient(name));
  const norm = Math.sqrt(gradients.reduce((sum, gradient) => sum + arena.sumOfSquares(gradient), 0));
  const factor = clipFactor(norm, clip);
  if (factor < 1) for (const gradient of gradients) arena.scale(gradient, factor);
  return norm;
}

/** Takes a step for the parameters, in place, from their gradients, which stay. `step` counts from 1. */
export function takeStep(
  arena: ParameterArena,
  parameters: Iterable<OptimizedParameter>,
  update: OptimizerUpdate,
  step: number,
): void {
  if (!(step >= 1)) throw new RangeError(`optimizer steps count from 1, not from ${step}`);
  for (const parameter of parameters) {
    const arrays = arena.arrays(parameter.name);
    if (arrays.length > 0) takeOne(update.kind, arrays, update, parameterStep(update, parameter, step));
  }
}

function takeOne<Kind extends OptimizerKind>(
  kind: Kind,
  arrays: ArenaArrays,
  settings: OptimizerSettingsByKind[Kind],
  step: ParameterStep,
): void {
  ARENA_OPTIMIZERS[kind](arrays, settings, step);
}
