import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { addPerToken } from '../ir/ops/add-per-token.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { type RestoreIndices, restoreTokens } from '../ir/ops/restore-tokens.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { type ModelSpec, patchGrid } from '../language/model-spec.ts';
import { blocks, type ReadRows } from './block.ts';
import { normLayer } from './layer-norm.ts';
import { linearLayer } from './linear.ts';
import { tokenCounts } from './masking.ts';
import { positionTable } from './positions.ts';
import type { Regularization } from './regularization.ts';

// The official code has no module for the decoder: its parameters are called decoder_embed, decoder_blocks, …
const MODULE = { name: 'decoder', officialName: '', kind: 'Decoder' } as const;

function named(indices: RestoreIndices | undefined): Record<string, Value> {
  if (indices === undefined) return {};
  const { restore, inverse, removed } = indices;
  return { restore, ...(inverse && removed ? { restoreInverse: inverse, removed } : {}) };
}

/**
 * The decoder with a prediction for every patch: latent [batch*(P+V), encoder width] → [batch*L, values]. Without indices the
 * latent has a token for every patch already; without regularization nothing is left out at random.
 */
export function decoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  latent: Value,
  indices: RestoreIndices | undefined,
  regularization?: Regularization,
): Value {
  const { patches, prefix } = tokenCounts(spec);
  const { depth, width, heads } = spec.decoder;
  const documentation = `The light decoder: ${depth} blocks of width ${width} with ${heads} heads, then the pixels of every patch.`;
  return builder.module({ ...MODULE, documentation }, { latent, ...named(indices) }, () => {
    const tokens = decoderBlocks(builder, spec, latent, indices, regularization);
    const pixels = pixelHead(builder, spec, tokens);
    return prefix === 0 ? pixels : sliceTokens(builder, pixels, prefix, patches);
  });
}

/** As `decoder`, with the end of the last block, the last norm and the pixel head on removed patches only → [batch*R, values], in
 * shuffled order. `removed` are their rows among the decoder's tokens. */
export function sparseDecoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  latent: Value,
  indices: RestoreIndices | undefined,
  removed: ReadRows,
  regularization?: Regularization,
): Value {
  const documentation = 'The decoder with predictions of the removed patches only.';
  const inputs = {
    latent,
    ...named(indices),
    removedToken: removed.token,
    removedTokenInverse: removed.inverse,
  };
  return builder.module({ ...MODULE, method: 'forwardSparse', documentation }, inputs, () => {
    // Dropout is drawn for every token, and of the last block all are then computed: engines are to agree on what was drawn.
    if (spec.decoder.dropout > 0 && regularization) {
      const tokens = decoderBlocks(builder, spec, latent, indices, regularization);
      return pixelHead(builder, spec, gatherRows(builder, tokens, removed.token, removed.inverse));
    }
    return pixelHead(builder, spec, decoderBlocks(builder, spec, latent, indices, regularization, removed));
  });
}

/** Embedding, mask tokens, positions and blocks → [batch*(P+L), width], or those rows of it that are read. */
function decoderBlocks(
  builder: GraphBuilder,
  spec: ModelSpec,
  latent: Value,
  indices: RestoreIndices | undefined,
  regularization: Regularization | undefined,
  read?: ReadRows,
): Value {
  const { width, positions: kind } = spec.decoder;
  const embedded = linearLayer(
    builder,
    {
      name: 'embed',
      officialName: 'decoder_embed',
      inputs: spec.encoder.width,
      outputs: width,
      documentation: 'From the encoder’s width to the decoder’s.',
    },
    latent,
  );
  const restored = indices ? restoreTokens(builder, embedded, maskToken(builder, width), indices) : embedded;
  const { prefix } = tokenCounts(spec);
  const declaration = {
    kind,
    name: 'decoder_pos_embed',
    width,
    grid: patchGrid(spec),
    prefix,
    trainable: false,
  };
  const table = positionTable(builder, declaration);
  const placed = table ? addPerToken(builder, restored, table) : restored;
  return blocks(builder, spec.decoder, 'decoder_blocks', regularization, placed, read);
}

function maskToken(builder: GraphBuilder, width: number): Value {
  return builder.parameter('mask_token', {
    shape: [1, 1, width],
    storedShape: [1, width],
    initializer: { kind: 'normal', deviation: 0.02 },
  });
}

function pixelHead(builder: GraphBuilder, spec: ModelSpec, tokens: Value): Value {
  const { width, normEpsilon } = spec.decoder;
  const norm = { name: 'norm', officialName: 'decoder_norm', width, epsilon: normEpsilon };
  return linearLayer(
    builder,
    {
      name: 'pred',
      officialName: 'decoder_pred',
      inputs: width,
      outputs: spec.patch.height * spec.patch.width * spec.image.channels,
      documentation: 'The pixels of a patch from its token.',
    },
    normLayer(builder, norm, tokens),
  );
}
