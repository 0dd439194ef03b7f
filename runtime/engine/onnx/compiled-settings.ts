import type { CompiledRecipe } from '../../model/compiled-spec.ts';
import type { OptimizerUpdate } from '../engine.ts';

/**
 * Whether a step is the one that was compiled: AdamW with the recipe's constants, which are written into the graph, no
 * clipping, and one learning rate for all.
 */
export function hasCompiledSettings(update: OptimizerUpdate, compiled: CompiledRecipe['optimizer']): boolean {
  if (update.kind !== 'adamw' || compiled.kind !== 'adamw') return false;
  const { betas, epsilon, weightDecay, clip, rateScales } = update;
  return (
    clip === undefined &&
    (rateScales === undefined || rateScales.size === 0) &&
    betas.every((beta, index) => beta === compiled.betas[index]) &&
    epsilon === compiled.epsilon &&
    weightDecay === compiled.weightDecay
  );
}
