import type { GraphBuilder } from '../ir/builder.ts';
import type { Initializer, Value } from '../ir/graph.ts';
import type { PositionKind, Size } from '../language/model-spec.ts';

export interface PositionDeclaration {
  readonly kind: PositionKind;
  /** Official name: "pos_embed" or "decoder_pos_embed". */
  readonly name: string;
  readonly width: number;
  readonly grid: Size;
  /** Tokens before the patches that have a position too; the fixed table gives them rows of zeros. */
  readonly prefix: number;
  /** Whether a fixed table is trained all the same, as in fine-tuning. A learned one always is. */
  readonly trainable: boolean;
}

/** The position table [prefix + patches, width] (official shape [1, prefix + patches, width]); none where there are no positions. */
export function positionTable(builder: GraphBuilder, declaration: PositionDeclaration): Value | undefined {
  const { kind, name, width, grid, prefix, trainable } = declaration;
  if (kind === 'none') return undefined;
  const tokens = prefix + grid.height * grid.width;
  const initializer: Initializer =
    kind === 'learned'
      ? { kind: 'truncated-normal', deviation: 0.02 }
      : { kind: 'sincos-2d', height: grid.height, width: grid.width, prefix };
  return builder.parameter(name, {
    shape: [1, tokens, width],
    storedShape: [tokens, width],
    initializer,
    trainable: trainable || kind === 'learned',
  });
}
