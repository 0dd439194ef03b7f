import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { maskedMeanSquaredError } from '../ir/ops/masked-mean-squared-error.ts';
import { meanSquaredError } from '../ir/ops/mean-squared-error.ts';
import { normalizePatches } from '../ir/ops/normalize-patches.ts';
import type { ModelSpec } from '../language/model-spec.ts';

/** Under the root of the normalised-pixel target (official models_mae.py). */
const TARGET_EPSILON = 1e-6;

/** What the decoder is to predict: patches [rows, values] as they are, or each normalised by its own mean and deviation. */
export function target(builder: GraphBuilder, spec: ModelSpec, patches: Value): Value {
  return spec.loss.target === 'pixels' ? patches : normalizePatches(builder, patches, TARGET_EPSILON);
}

/** Mean squared error over the removed patches: prediction and patches [batch*L, values], mask [batch, L] → scalar. */
export function maskedLoss(
  builder: GraphBuilder,
  spec: ModelSpec,
  prediction: Value,
  patches: Value,
  mask: Value,
): Value {
  return maskedMeanSquaredError(builder, prediction, target(builder, spec, patches), mask);
}

/** The same number from the removed patches alone: prediction and patches [batch*R, values] → scalar. */
export function sparseLoss(builder: GraphBuilder, spec: ModelSpec, prediction: Value, patches: Value): Value {
  return meanSquaredError(builder, prediction, target(builder, spec, patches));
}
