import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { ErrorKind } from '../ir/ops/error-measures.ts';
import { maskedMeanError } from '../ir/ops/masked-mean-error.ts';
import { meanError } from '../ir/ops/mean-error.ts';
import { normalizePatches } from '../ir/ops/normalize-patches.ts';
import type { LossSpec, ModelSpec } from '../language/model-spec.ts';

/** Under the root of the normalised-pixel target (official models_mae.py). */
const TARGET_EPSILON = 1e-6;

const MEASURES: Readonly<Record<LossSpec['kind'], ErrorKind>> = { mse: 'squared', l1: 'absolute' };

/** What the decoder is to predict: patches [rows, values] as they are, or each normalised by its own mean and deviation. */
function target(builder: GraphBuilder, spec: ModelSpec, patches: Value): Value {
  return spec.loss.target === 'pixels' ? patches : normalizePatches(builder, patches, TARGET_EPSILON);
}

/** The loss from the predictions of all patches: prediction and patches [batch*L, values], mask [batch, L] → scalar. */
export function reconstructionLoss(
  builder: GraphBuilder,
  spec: ModelSpec,
  prediction: Value,
  patches: Value,
  mask: Value,
): Value {
  if (spec.loss.on === 'all') return plainLoss(builder, spec, prediction, patches);
  const kind = MEASURES[spec.loss.kind];
  return maskedMeanError(builder, prediction, target(builder, spec, patches), mask, kind);
}

/** The mean over whatever patches are given, each of equal weight: prediction and patches [rows, values] → scalar. */
export function plainLoss(builder: GraphBuilder, spec: ModelSpec, prediction: Value, patches: Value): Value {
  return meanError(builder, prediction, target(builder, spec, patches), MEASURES[spec.loss.kind]);
}
