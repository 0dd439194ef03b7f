import type { Op } from '../op.ts';
import { adamwOp } from './adamw.ts';
import { adamwFactorsOp } from './adamw-factors.ts';
import { addOp } from './add.ts';
import { addPerTokenOp } from './add-per-token.ts';
import { afterOp } from './after.ts';
import { attentionGradientOp, attentionOp } from './attention.ts';
import { batchNormGradientOp, batchNormOp } from './batch-norm.ts';
import { castOp } from './cast.ts';
import { concatColumnsOp, groupColumnsOp, sliceColumnsOp, ungroupColumnsOp } from './columns.ts';
import { dropPathOp } from './drop-path.ts';
import { dropoutOp } from './dropout.ts';
import { erfGateGradientOp, erfGateOp } from './erf-gate.ts';
import { gatherPositionsOp } from './gather-positions.ts';
import { gatherRowsOp } from './gather-rows.ts';
import { geluGradientOp, geluOp } from './gelu.ts';
import { layerNormOp } from './layer-norm.ts';
import { layerNormGradientOp, normalizeOp } from './layer-norm-gradient.ts';
import { linearOp } from './linear.ts';
import { maskedMeanErrorGradientOp, maskedMeanErrorOp } from './masked-mean-error.ts';
import { matmulOp } from './matmul.ts';
import { meanErrorGradientOp, meanErrorOp } from './mean-error.ts';
import { meanTokensOp, spreadTokensOp } from './mean-tokens.ts';
import { multiplyOp } from './multiply.ts';
import { normalizePatchesOp } from './normalize-patches.ts';
import { padImagesOp } from './pad-images.ts';
import { padToMultipleOp } from './pad-to-multiple.ts';
import { padTokensOp } from './pad-tokens.ts';
import { patchifyOp } from './patchify.ts';
import { prependTokensOp } from './prepend-tokens.ts';
import { queryKeyNormOp } from './query-key-norm.ts';
import { randomMaskingOp } from './random-masking.ts';
import { resizePositionsOp } from './resize-positions.ts';
import { restoreTokensOp } from './restore-tokens.ts';
import { runningMeanOp, runningVarianceOp } from './running-statistics.ts';
import { scaleColumnsOp } from './scale-columns.ts';
import { sliceTokensOp } from './slice-tokens.ts';
import { softmaxCrossEntropyGradientOp, softmaxCrossEntropyOp } from './softmax-cross-entropy.ts';
import { splitBatchOp } from './split-batch.ts';
import { standardizeColumnsOp } from './standardize-columns.ts';
import { sumBatchOp } from './sum-batch.ts';
import { sumRowsOp } from './sum-rows.ts';
import { totalOp } from './total.ts';
import { unscaleOp } from './unscale.ts';

/** Every op there is. Tests walk it: each must have a gradient check, an engine agreement check and a cost. */
export const OPS: readonly Op[] = [
  adamwOp,
  adamwFactorsOp,
  addOp,
  addPerTokenOp,
  afterOp,
  attentionGradientOp,
  attentionOp,
  batchNormGradientOp,
  batchNormOp,
  castOp,
  concatColumnsOp,
  dropPathOp,
  dropoutOp,
  erfGateGradientOp,
  erfGateOp,
  gatherPositionsOp,
  gatherRowsOp,
  geluGradientOp,
  geluOp,
  groupColumnsOp,
  layerNormGradientOp,
  layerNormOp,
  linearOp,
  maskedMeanErrorGradientOp,
  maskedMeanErrorOp,
  matmulOp,
  meanErrorGradientOp,
  meanErrorOp,
  meanTokensOp,
  multiplyOp,
  normalizeOp,
  normalizePatchesOp,
  padImagesOp,
  padToMultipleOp,
  padTokensOp,
  patchifyOp,
  prependTokensOp,
  queryKeyNormOp,
  randomMaskingOp,
  resizePositionsOp,
  restoreTokensOp,
  runningMeanOp,
  runningVarianceOp,
  scaleColumnsOp,
  sliceColumnsOp,
  sliceTokensOp,
  softmaxCrossEntropyGradientOp,
  softmaxCrossEntropyOp,
  splitBatchOp,
  spreadTokensOp,
  standardizeColumnsOp,
  sumBatchOp,
  sumRowsOp,
  totalOp,
  ungroupColumnsOp,
  unscaleOp,
];
