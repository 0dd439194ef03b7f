import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { patchify } from '../ir/ops/patchify.ts';
import { splitBatch } from '../ir/ops/split-batch.ts';
import { float32, perExample } from '../ir/shape.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { decoder, sparseDecoder } from './decoder.ts';
import { encoder, sparseEncoder, visibleEncoder } from './encoder.ts';
import { plainLoss, reconstructionLoss } from './loss.ts';
import { indexInputs, maskingFromNoise, tokenCounts } from './masking.ts';

const KIND = 'MaskedAutoencoder';

export function imageInput(builder: GraphBuilder, spec: ModelSpec): Value {
  const { channels, height, width } = spec.image;
  return builder.input('images', 'images', float32(perExample(1), channels, height, width));
}

/** images → features [batch, P+L, width]: the encoder as it is used after pretraining, without masking. */
export function featuresGraph(spec: ModelSpec): Graph {
  const documentation = `The masked autoencoder ${spec.name}.`;
  const builder = new GraphBuilder('encoder', {
    kind: KIND,
    method: 'features',
    officialName: '',
    documentation,
  });
  const patches = patchify(builder, imageInput(builder, spec), spec.patch);
  builder.output('features', 'features', splitBatch(builder, encoder(builder, spec, patches)));
  return builder.finish();
}

/** images and noise → prediction [batch, L, values], mask [batch, L], loss: the paper's model as the paper writes it. */
export function maskedAutoencoderGraph(spec: ModelSpec): Graph {
  const documentation = `The masked autoencoder ${spec.name}.`;
  const builder = new GraphBuilder('masked-autoencoder', { kind: KIND, officialName: '', documentation });
  const patches = patchify(builder, imageInput(builder, spec), spec.patch);
  const masking = maskingFromNoise(builder, tokenCounts(spec));
  const latent = visibleEncoder(builder, spec, patches, masking);
  const prediction = decoder(builder, spec, latent, masking);
  builder.output('loss', 'loss', reconstructionLoss(builder, spec, prediction, patches, masking.mask));
  builder.output('prediction', 'prediction', splitBatch(builder, prediction));
  builder.output('mask', 'mask', masking.mask);
  builder.output('latent', 'features', splitBatch(builder, latent));
  return builder.finish();
}

/** As `maskedAutoencoderGraph` with the masking as row numbers from the caller: differentiable, and what model.ts is made of. */
export function maskedAutoencoderClassGraph(spec: ModelSpec): Graph {
  const documentation = `The masked autoencoder ${spec.name}.`;
  const builder = new GraphBuilder('masked-autoencoder', { kind: KIND, officialName: '', documentation });
  const counts = tokenCounts(spec);
  const patches = patchify(builder, imageInput(builder, spec), spec.patch);
  const names = ['visible', 'visible.inverse', 'restore', 'restore.inverse', 'removed.token'] as const;
  const index = indexInputs(builder, counts, names);
  const mask = builder.input('mask', 'mask', float32(perExample(1), counts.patches));
  const encoded = { visible: index.visible, inverse: index['visible.inverse'] };
  const latent = visibleEncoder(builder, spec, patches, encoded);
  const restored = {
    restore: index.restore,
    inverse: index['restore.inverse'],
    removed: index['removed.token'],
  };
  const prediction = decoder(builder, spec, latent, restored);
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
  const documentation = `The masked autoencoder ${spec.name}, as its training step computes it.`;
  const builder = new GraphBuilder('pretrain', {
    kind: KIND,
    method: 'pretrain',
    officialName: '',
    documentation,
  });
  const index = indexInputs(builder, tokenCounts(spec), [
    'visible',
    'visible.inverse',
    'visible.position',
    'restore',
    'restore.inverse',
    'removed',
    'removed.token',
    'removed.token.inverse',
  ]);
  const patches = patchify(builder, imageInput(builder, spec), spec.patch);
  const latent = sparseEncoder(builder, spec, patches, {
    visible: index.visible,
    position: index['visible.position'],
    inverse: index['visible.inverse'],
  });
  const removed = { token: index['removed.token'], inverse: index['removed.token.inverse'] };
  const restored = { restore: index.restore, inverse: index['restore.inverse'], removed: removed.token };
  const all = spec.loss.on === 'all';
  const prediction = all
    ? decoder(builder, spec, latent, restored)
    : sparseDecoder(builder, spec, latent, restored, removed);
  const scored = all ? patches : gatherRows(builder, patches, index.removed);
  builder.output('loss', 'loss', plainLoss(builder, spec, prediction, scored));
  return builder.finish();
}
