import type { GraphBuilder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import { randomMasking } from '../ir/ops/random-masking.ts';
import { float32, int32, perExample } from '../ir/shape.ts';
import { type ModelSpec, patchGrid, visiblePatches } from '../language/model-spec.ts';

/** Counts of tokens that follow from a spec. */
export interface TokenCounts {
  /** L: all patches of a picture. */
  readonly patches: number;
  /** V: those that the encoder sees in pretraining. */
  readonly visible: number;
  /** R: those that are removed. */
  readonly removed: number;
  /** P: tokens before the patches: class tokens and registers. */
  readonly prefix: number;
}

export function tokenCounts(spec: ModelSpec): TokenCounts {
  const grid = patchGrid(spec);
  const patches = grid.height * grid.width;
  const visible = visiblePatches(grid, spec.mask);
  return {
    patches,
    visible,
    removed: patches - visible,
    prefix: spec.encoder.classTokens + spec.encoder.registers,
  };
}

/** The row numbers of a masking that a graph asks its caller for; the names are the runtime's (`maskingIndices`). */
export type IndexName =
  | 'visible'
  | 'visible.inverse'
  | 'visible.position'
  | 'restore'
  | 'restore.inverse'
  | 'removed'
  | 'removed.token'
  | 'removed.token.inverse';

/** How many entries per picture each index has. */
const INDEX_LENGTHS: Readonly<Record<IndexName, (counts: TokenCounts) => number>> = {
  visible: ({ visible }) => visible,
  'visible.inverse': ({ patches }) => patches,
  'visible.position': ({ visible }) => visible,
  restore: ({ prefix, patches }) => prefix + patches,
  'restore.inverse': ({ prefix, visible }) => prefix + visible,
  removed: ({ removed }) => removed,
  'removed.token': ({ removed }) => removed,
  'removed.token.inverse': ({ prefix, patches }) => prefix + patches,
};

/** Declares index inputs; the caller computes them from which patches are removed. */
export function indexInputs<Name extends IndexName>(
  builder: GraphBuilder,
  counts: TokenCounts,
  names: readonly Name[],
): Record<Name, Value> {
  const entries = names.map((name) => {
    const type = int32(perExample(INDEX_LENGTHS[name](counts)));
    return [name, builder.input(`index.${name}`, 'index', type, name)] as const;
  });
  return Object.fromEntries(entries) as Record<Name, Value>;
}

/**
 * Draws the masking inside the graph from a noise input [batch, L], as an exported file does. `prefix` tokens stand before the
 * patches in the rows to restore: those of the model unless given.
 */
export function maskingFromNoise(builder: GraphBuilder, counts: TokenCounts, prefix = counts.prefix) {
  const noise = builder.input('noise', 'noise', float32(perExample(1), counts.patches));
  return randomMasking(builder, noise, counts.visible, prefix);
}
