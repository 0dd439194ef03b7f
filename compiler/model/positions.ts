import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { PositionKind, Size } from '../language/model-spec.ts';

export interface PositionDeclaration {
  readonly kind: PositionKind;
  /** Official name: "pos_embed" or "decoder_pos_embed". */
  readonly name: string;
  readonly width: number;
  readonly grid: Size;
  /** Tokens before the patches; their rows start at zero. */
  readonly prefix: number;
  /** Fixed in pretraining, trained in fine-tuning. */
  readonly trainable: boolean;
}

/** The position table [prefix + patches, width] (official shape [1, prefix + patches, width]). */
export function positionTable(builder: GraphBuilder, declaration: PositionDeclaration): Value {
  const { name, width, grid, prefix, trainable } = declaration;
  const tokens = prefix + grid.height * grid.width;
  return builder.parameter(name, {
    shape: [1, tokens, width],
    storedShape: [tokens, width],
    initializer: { kind: 'sincos-2d', height: grid.height, width: grid.width, prefix },
    trainable,
  });
}
