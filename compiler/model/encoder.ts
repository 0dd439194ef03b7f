import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { add } from '../ir/ops/add.ts';
import { addPerToken } from '../ir/ops/add-per-token.ts';
import { gatherPositions } from '../ir/ops/gather-positions.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { prependTokens } from '../ir/ops/prepend-tokens.ts';
import { resizePositions } from '../ir/ops/resize-positions.ts';
import { restoreTokens } from '../ir/ops/restore-tokens.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { type ModelSpec, patchGrid } from '../language/model-spec.ts';
import { blocks } from './block.ts';
import { normLayer } from './layer-norm.ts';
import { embedPatches } from './patch-embedding.ts';
import { positionTable } from './positions.ts';
import type { Regularization } from './regularization.ts';

export interface EncoderOptions {
  /** Frozen in pretraining, trained in fine-tuning. */
  readonly trainPositions: boolean;
  /** Left out where a classifier averages the tokens and then norms. */
  readonly finalNorm: boolean;
  /** Left out where the encoder is used rather than trained. */
  readonly regularization?: Regularization;
  /** The whole pictures, where they may have another grid than the spec's: positions are interpolated for it. */
  readonly images?: Value;
}

/** With frozen positions and the final norm. */
function pretraining(regularization: Regularization | undefined): EncoderOptions {
  return { trainPositions: false, finalNorm: true, ...(regularization ? { regularization } : {}) };
}

const MODULE = { name: 'encoder', officialName: '', kind: 'Encoder' } as const;

/** The encoder on every patch: patches [batch*L, values] → tokens [batch*(P+L), width]. */
export function encoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  options = pretraining(undefined),
): Value {
  const documentation = `The vision transformer: ${describe(spec)}.`;
  const { images } = options;
  const inputs = { patches, ...(images ? { images } : {}) };
  const method = images ? 'forwardOnGrid' : 'forward';
  return builder.module({ ...MODULE, method, documentation }, inputs, () => {
    const tokens = embedPatches(builder, spec, patches);
    const positions = encoderPositions(builder, spec, options);
    return transform(builder, spec, placeAll(builder, tokens, positions), positions, options);
  });
}

export interface VisibleIndices {
  readonly visible: Value;
  /** Needed for gradients. */
  readonly inverse?: Value;
}

/** The encoder on the visible patches, in the paper's order: embed all of them, then keep some → [batch*(P+V), width]. */
export function visibleEncoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  indices: VisibleIndices,
  regularization?: Regularization,
): Value {
  const options = pretraining(regularization);
  const documentation = `The vision transformer: ${describe(spec)}.`;
  const inputs = {
    patches,
    visible: indices.visible,
    ...(indices.inverse ? { visibleInverse: indices.inverse } : {}),
  };
  return builder.module({ ...MODULE, method: 'forwardVisible', documentation }, inputs, () => {
    const tokens = embedPatches(builder, spec, patches);
    const positions = encoderPositions(builder, spec, options);
    const placed = placeAll(builder, tokens, positions);
    const kept = gatherRows(builder, placed, indices.visible, indices.inverse);
    return transform(builder, spec, kept, positions, options);
  });
}

export interface SparseIndices {
  readonly visible: Value;
  /** Patch numbers of the visible rows. */
  readonly position: Value;
  /** Needed where positions are learned. */
  readonly inverse: Value;
}

/** As `visibleEncoder` with the same numbers and less work: only patches that stay are embedded. */
export function sparseEncoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  indices: SparseIndices,
  regularization?: Regularization,
): Value {
  const options = pretraining(regularization);
  const documentation = 'The encoder on the visible patches only.';
  const { visible, position, inverse } = indices;
  const inputs = { patches, visible, position, visibleInverse: inverse };
  return builder.module({ ...MODULE, method: 'forwardSparse', documentation }, inputs, () => {
    const tokens = embedPatches(builder, spec, gatherRows(builder, patches, visible));
    const positions = encoderPositions(builder, spec, options);
    const table = positions.patches;
    const placed = table ? add(builder, tokens, gatherPositions(builder, table, position, inverse)) : tokens;
    return transform(builder, spec, placed, positions, options);
  });
}

export interface FilledIndices {
  readonly visible: Value;
  /** For each patch its row among the visible ones, one past the end where it was removed. */
  readonly inverse: Value;
  /** Rows of the removed patches; needed for gradients. */
  readonly removed?: Value;
}

/**
 * The ablation of the paper's table 1c: the encoder runs on mask tokens in the places of the removed patches, so that it sees
 * as many tokens as in use → [batch*(P+L), width].
 */
export function filledEncoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  indices: FilledIndices,
  regularization?: Regularization,
): Value {
  const options = pretraining(regularization);
  const documentation = `The vision transformer: ${describe(spec)}.`;
  const { visible, inverse, removed } = indices;
  const inputs = { patches, visible, visibleInverse: inverse, ...(removed ? { removed } : {}) };
  return builder.module({ ...MODULE, method: 'forwardFilled', documentation }, inputs, () => {
    const tokens = embedPatches(builder, spec, gatherRows(builder, patches, visible));
    const maskToken = learnedTokens(builder, 'mask_token', 1, spec.encoder.width);
    const order = { restore: inverse, ...(removed ? { inverse: visible, removed } : {}) };
    const filled = restoreTokens(builder, tokens, maskToken, order);
    const positions = encoderPositions(builder, spec, options);
    return transform(builder, spec, placeAll(builder, filled, positions), positions, options);
  });
}

function describe({ encoder: { depth, width, heads } }: ModelSpec): string {
  return `${depth} blocks of width ${width} with ${heads} heads`;
}

interface EncoderPositions {
  /** [L, width]; none where the model has no positions. */
  readonly patches: Value | undefined;
  /** [class tokens, width]; none without class tokens or positions. */
  readonly classTokens: Value | undefined;
}

function encoderPositions(builder: GraphBuilder, spec: ModelSpec, options: EncoderOptions): EncoderPositions {
  const { width, positions: kind, classTokens: prefix } = spec.encoder;
  const grid = patchGrid(spec);
  const declaration = { kind, name: 'pos_embed', width, grid, prefix, trainable: options.trainPositions };
  const table = positionTable(builder, declaration);
  const fitted = (patches: Value) =>
    options.images
      ? resizePositions(builder, patches, options.images, {
          rows: grid.height,
          columns: grid.width,
          height: spec.patch.height,
          width: spec.patch.width,
        })
      : patches;
  if (table === undefined || prefix === 0) {
    return { patches: table && fitted(table), classTokens: undefined };
  }
  return {
    patches: fitted(sliceTokens(builder, table, prefix, grid.height * grid.width)),
    classTokens: sliceTokens(builder, table, 0, prefix),
  };
}

/** All patches' tokens [batch*L, width] with their positions. */
function placeAll(builder: GraphBuilder, tokens: Value, { patches }: EncoderPositions): Value {
  return patches ? addPerToken(builder, tokens, patches) : tokens;
}

/** Class tokens, registers, blocks and norm: placed tokens [batch*n, width] → [batch*(P+n), width]. */
function transform(
  builder: GraphBuilder,
  spec: ModelSpec,
  tokens: Value,
  positions: EncoderPositions,
  options: EncoderOptions,
): Value {
  const { width, normEpsilon, classTokens, registers } = spec.encoder;
  let x = tokens;
  if (registers > 0) x = prependTokens(builder, learnedTokens(builder, 'reg_token', registers, width), x);
  if (classTokens > 0) {
    const learned = learnedTokens(builder, 'cls_token', classTokens, width);
    x = prependTokens(
      builder,
      positions.classTokens ? add(builder, learned, positions.classTokens) : learned,
      x,
    );
  }
  const encoded = blocks(builder, spec.encoder, 'blocks', options.regularization, x);
  return options.finalNorm
    ? normLayer(builder, { name: 'norm', width, epsilon: normEpsilon }, encoded)
    : encoded;
}

/** Learned tokens [count, width], official shape [1, count, width]. */
function learnedTokens(builder: GraphBuilder, name: string, count: number, width: number): Value {
  return builder.parameter(name, {
    shape: [1, count, width],
    storedShape: [count, width],
    initializer: { kind: 'normal', deviation: 0.02 },
  });
}
