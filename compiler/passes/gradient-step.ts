import type { Graph } from '../ir/graph.ts';
import type { TrainingRecipe } from '../language/model-spec.ts';
import { differentiate } from './differentiate.ts';
import { foldGelu } from './fold-gelu.ts';
import { recomputeBlocks } from './recompute-blocks.ts';

/** The compiled training step of a graph with an output `loss`: its gradients, in the way that the recipe asks for. */
export function gradientStep(training: Graph, { recompute }: Pick<TrainingRecipe, 'recompute'>): Graph {
  const gradients = differentiate(foldGelu(training));
  return recompute === 'blocks' ? recomputeBlocks(gradients) : gradients;
}
