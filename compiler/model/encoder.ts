import { assert } from '../ir/assert.ts';
import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { add } from '../ir/ops/add.ts';
import { addPerToken } from '../ir/ops/add-per-token.ts';
import { gatherPositions } from '../ir/ops/gather-positions.ts';
import { gatherRows } from '../ir/ops/gather-rows.ts';
import { prependTokens } from '../ir/ops/prepend-tokens.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { type ModelSpec, patchGrid } from '../language/model-spec.ts';
import { blocks } from './block.ts';
import { normLayer } from './layer-norm.ts';
import { patchEmbedding } from './patch-embedding.ts';
import { positionTable } from './positions.ts';

export interface EncoderOptions {
  /** Frozen in pretraining, trained in fine-tuning. */
  readonly trainPositions: boolean;
  /** Left out where a classifier averages the tokens and then norms. */
  readonly finalNorm: boolean;
}

const PRETRAINING: EncoderOptions = { trainPositions: false, finalNorm: true };
const MODULE = { name: 'encoder', officialName: '', kind: 'Encoder' } as const;

/** The encoder on every patch: patches [batch*L, values] → tokens [batch*(P+L), width]. */
export function encoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  options = PRETRAINING,
): Value {
  const documentation = `The vision transformer: ${describe(spec)}.`;
  return builder.module({ ...MODULE, documentation }, { patches }, () => {
    const tokens = patchEmbedding(builder, spec, patches);
    const positions = encoderPositions(builder, spec, options);
    return transform(
      builder,
      spec,
      addPerToken(builder, tokens, positions.patches),
      positions.prefix,
      options,
    );
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
): Value {
  const documentation = `The vision transformer: ${describe(spec)}.`;
  const inputs = {
    patches,
    visible: indices.visible,
    ...(indices.inverse ? { visibleInverse: indices.inverse } : {}),
  };
  return builder.module({ ...MODULE, method: 'forwardVisible', documentation }, inputs, () => {
    const tokens = patchEmbedding(builder, spec, patches);
    const positions = encoderPositions(builder, spec, PRETRAINING);
    const placed = addPerToken(builder, tokens, positions.patches);
    const kept = gatherRows(builder, placed, indices.visible, indices.inverse);
    return transform(builder, spec, kept, positions.prefix, PRETRAINING);
  });
}

/** As `visibleEncoder` with the same numbers and less work: only patches that stay are embedded. */
export function sparseEncoder(
  builder: GraphBuilder,
  spec: ModelSpec,
  patches: Value,
  indices: { readonly visible: Value; readonly position: Value },
): Value {
  const documentation = 'The encoder on the visible patches only.';
  const inputs = { patches, visible: indices.visible, position: indices.position };
  return builder.module({ ...MODULE, method: 'forwardSparse', documentation }, inputs, () => {
    const tokens = patchEmbedding(builder, spec, gatherRows(builder, patches, indices.visible));
    const positions = encoderPositions(builder, spec, PRETRAINING);
    const placed = add(builder, tokens, gatherPositions(builder, positions.patches, indices.position));
    return transform(builder, spec, placed, positions.prefix, PRETRAINING);
  });
}

function describe({ encoder: { depth, width, heads } }: ModelSpec): string {
  return `${depth} blocks of width ${width} with ${heads} heads`;
}

interface EncoderPositions {
  /** [L, width]. */
  readonly patches: Value;
  /** [P, width], or none without a class token. */
  readonly prefix: Value | undefined;
}

function encoderPositions(builder: GraphBuilder, spec: ModelSpec, options: EncoderOptions): EncoderPositions {
  const prefix = spec.encoder.classToken ? 1 : 0;
  const { width, positions: kind } = spec.encoder;
  const grid = patchGrid(spec);
  const declaration = { kind, name: 'pos_embed', width, grid, prefix, trainable: options.trainPositions };
  const table = positionTable(builder, declaration);
  if (prefix === 0) return { patches: table, prefix: undefined };
  return {
    patches: sliceTokens(builder, table, prefix, grid.height * grid.width),
    prefix: sliceTokens(builder, table, 0, prefix),
  };
}

/** Class token, blocks and norm: placed tokens [batch*n, width] → [batch*(P+n), width]. */
function transform(
  builder: GraphBuilder,
  spec: ModelSpec,
  tokens: Value,
  prefixPositions: Value | undefined,
  options: EncoderOptions,
): Value {
  const { width, normEpsilon, classToken } = spec.encoder;
  let x = tokens;
  if (classToken) {
    assert(prefixPositions !== undefined, 'a class token has a position');
    const declaration = { shape: [1, 1, width], storedShape: [1, width] };
    const token = builder.parameter('cls_token', {
      ...declaration,
      initializer: { kind: 'normal', deviation: 0.02 },
    });
    x = prependTokens(builder, add(builder, token, prefixPositions), x);
  }
  const encoded = blocks(builder, spec.encoder, 'blocks', x);
  return options.finalNorm
    ? normLayer(builder, { name: 'norm', width, epsilon: normEpsilon }, encoded)
    : encoded;
}
