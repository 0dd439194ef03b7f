import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import type { RestoreIndices } from '../ir/ops/restore-tokens.ts';
import { splitBatch } from '../ir/ops/split-batch.ts';
import { float32, perExample } from '../ir/shape.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { decoder, sparseDecoder } from './decoder.ts';
import {
  encoder,
  type FilledIndices,
  filledEncoder,
  type SparseIndices,
  sparseEncoder,
  visibleEncoder,
} from './encoder.ts';
import { cutImages, imagePatches, type Sizes } from './image-patches.ts';
import { plainLoss, reconstructionLoss } from './loss.ts';
import { type IndexName, indexInputs, maskingFromNoise, tokenCounts } from './masking.ts';

/**
 * images → features [batch, P+L, width]: the encoder as it is used after pretraining, without masking. With free sizes it takes what the
 * spec accepts, and has as many tokens as there are patches.
 */
export function featuresGraph(spec: ModelSpec, sizes: Sizes = 'fixed'): Graph {
  const builder = new GraphBuilder('encoder', { ...rootOf(spec), method: 'features' });
  const { images, patches } = cutImages(builder, spec, sizes);
  const options = { trainPositions: false, finalNorm: true, ...(sizes !== 'fixed' ? { images } : {}) };
  builder.output('features', 'features', splitBatch(builder, encoder(builder, spec, patches, options)));
  return builder.finish();
}

/** images and noise → prediction [batch, L, values], mask [batch, L], loss: the paper's model as the paper writes it. */
export function maskedAutoencoderGraph(spec: ModelSpec): Graph {
  const builder = new GraphBuilder('masked-autoencoder', rootOf(spec));
  const patches = imagePatches(builder, spec);
  const filled = spec.mask.tokensInEncoder;
  const masking = maskingFromNoise(builder, tokenCounts(spec), filled ? 0 : undefined);
  const latent = filled
    ? filledEncoder(builder, spec, patches, { visible: masking.visible, inverse: masking.restore })
    : visibleEncoder(builder, spec, patches, masking);
  const prediction = decoder(builder, spec, latent, filled ? undefined : masking);
  builder.output('loss', 'loss', reconstructionLoss(builder, spec, prediction, patches, masking.mask));
  builder.output('prediction', 'prediction', splitBatch(builder, prediction));
  builder.output('mask', 'mask', masking.mask);
  builder.output('latent', 'features', splitBatch(builder, latent));
  return builder.finish();
}

/** As `maskedAutoencoderGraph` with the masking as row numbers from the caller: differentiable, with what training
 * leaves out at random, and what model.ts is made of. */
export function maskedAutoencoderClassGraph(spec: ModelSpec): Graph {
  const builder = new GraphBuilder('masked-autoencoder', rootOf(spec));
  const counts = tokenCounts(spec);
  const patches = imagePatches(builder, spec);
  const index = indexInputs(builder, counts, CLASS_INDICES);
  const mask = builder.input('mask', 'mask', float32(perExample(1), counts.patches));
  const latent = spec.mask.tokensInEncoder
    ? filledEncoder(builder, spec, patches, filledIndices(index), spec.encoder)
    : visibleEncoder(
        builder,
        spec,
        patches,
        { visible: index.visible, inverse: index['visible.inverse'] },
        spec.encoder,
      );
  const restored = spec.mask.tokensInEncoder ? undefined : restoreIndices(index);
  const prediction = decoder(builder, spec, latent, restored, spec.decoder);
  builder.output('loss', 'loss', reconstructionLoss(builder, spec, prediction, patches, mask));
  builder.output('prediction', 'prediction', splitBatch(builder, prediction));
  builder.output('latent', 'features', splitBatch(builder, latent));
  return builder.finish();
}

/**
 * images and row numbers → loss: the same function with the least work. Patches are chosen before they are embedded, and
 * only removed ones go through the last norm, the head and the loss.
 */
export function pretrainingGraph(spec: ModelSpec): Graph {
  const builder = new GraphBuilder('pretrain', { ...rootOf(spec), method: 'pretrain' });
  const index = indexInputs(builder, tokenCounts(spec), STEP_INDICES);
  const patches = imagePatches(builder, spec);
  const filled = spec.mask.tokensInEncoder;
  const latent = filled
    ? filledEncoder(builder, spec, patches, filledIndices(index), spec.encoder)
    : sparseEncoder(builder, spec, patches, sparseIndices(index), spec.encoder);
  const restored = filled ? undefined : restoreIndices(index);
  const removed = { token: index['removed.token'], inverse: index['removed.token.inverse'] };
  const all = spec.loss.on === 'all';
  const prediction = all
    ? decoder(builder, spec, latent, restored, spec.decoder)
    : sparseDecoder(builder, spec, latent, restored, removed, spec.decoder);
  const scored = all ? patches : gatherRows(builder, patches, index.removed);
  builder.output('loss', 'loss', plainLoss(builder, spec, prediction, scored));
  return builder.finish();
}

/** The row numbers that the generated class takes; those that a model has no use for are ignored. */
const CLASS_INDICES = [
  'visible',
  'visible.inverse',
  'restore',
  'restore.inverse',
  'removed',
  'removed.token',
] as const satisfies readonly IndexName[];

/** The row numbers that a training step may take; unused ones are dropped from the compiled graph. */
const STEP_INDICES = [...CLASS_INDICES, 'visible.position', 'removed.token.inverse'] as const;

type ClassIndices = Readonly<Record<(typeof CLASS_INDICES)[number], Value>>;

function restoreIndices(index: ClassIndices): RestoreIndices {
  return { restore: index.restore, inverse: index['restore.inverse'], removed: index['removed.token'] };
}

function sparseIndices(index: Readonly<Record<(typeof STEP_INDICES)[number], Value>>): SparseIndices {
  const { visible } = index;
  return { visible, position: index['visible.position'], inverse: index['visible.inverse'] };
}

function filledIndices(index: ClassIndices): FilledIndices {
  return { visible: index.visible, inverse: index['visible.inverse'], removed: index.removed };
}

function rootOf(spec: ModelSpec) {
  return {
    kind: 'MaskedAutoencoder',
    officialName: '',
    documentation: `The masked autoencoder ${spec.name}.`,
  };
}
