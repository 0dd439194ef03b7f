import type { Parameter } from '../ir/graph.ts';

type Named = Pick<Parameter, 'name' | 'shape'>;

/** Official pretraining: weight decay spares 1-D parameters and biases; class and mask tokens are decayed. */
export function isDecayed({ name, shape }: Named): boolean {
  return shape.length > 1 && !name.endsWith('.bias');
}

/** What the official classifier spares besides (`no_weight_decay` of timm's VisionTransformer). */
const SPARED: ReadonlySet<string> = new Set(['cls_token', 'reg_token', 'pos_embed']);

/** Official fine-tuning: learned tokens and positions are not decayed either. */
export function isDecayedInClassifier(parameter: Named): boolean {
  return isDecayed(parameter) && !SPARED.has(parameter.name);
}
