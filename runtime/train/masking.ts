/** Which patches of each picture of a batch are removed, and the row indices that the engines need of it. */
export interface Masking {
  readonly size: number;
  /** Patches per picture, L. */
  readonly patches: number;
  /** Visible patches per picture, V. */
  readonly visible: number;
  /** [size, L]: the patches of each picture, kept ones first, in the order in which the encoder sees them. */
  readonly shuffle: Int32Array;
  /** [size, L]: where each patch stands in `shuffle`. */
  readonly restore: Int32Array;
  /** [size, L], 1 where a patch was removed. */
  readonly mask: Float32Array;
}

/** Ranks each picture's noise [size, patches] in ascending order; the patches with the lowest `visible` values are kept. */
export function maskingFromNoise(
  noise: Float32Array,
  layout: { readonly size: number; readonly patches: number; readonly visible: number },
): Masking {
  const { size, patches, visible } = layout;
  const shuffle = new Int32Array(size * patches);
  const restore = new Int32Array(size * patches);
  const mask = new Float32Array(size * patches).fill(1);
  for (let picture = 0; picture < size; picture++) {
    const values = noise.subarray(picture * patches, (picture + 1) * patches);
    const order = Int32Array.from(values, (_, patch) => patch);
    // Typed-array sorts are stable, so equal noise keeps the lower patch first, as TopK in the ONNX file does.
    order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
    order.forEach((patch, rank) => {
      shuffle[picture * patches + rank] = patch;
      restore[picture * patches + patch] = rank;
      if (rank < visible) mask[picture * patches + patch] = 0;
    });
  }
  return { size, patches, visible, shuffle, restore, mask };
}

/** The row indices a compiled graph may ask for; the names of its `index` inputs. Rows are example-major. */
export type IndexName =
  | 'visible'
  | 'visible.inverse'
  | 'visible.position'
  | 'restore'
  | 'restore.inverse'
  | 'removed'
  | 'removed.token'
  | 'removed.token.inverse';

/**
 * The row indices of a masking, by name, for an encoder with `prefix` tokens before its patches. With B pictures, L patches,
 * V visible, R removed, P prefix tokens, and "row n of k per picture" meaning row b * k + n:
 *
 * - `visible` [B*V]: rows of the patches (L per picture) that stay.
 * - `visible.inverse` [B*L]: for each patch its row among the visible ones; B*V (a row of zeros) where it was removed.
 * - `visible.position` [B*V]: the patch numbers 0..L-1 of the visible rows.
 * - `restore` [B*(P+L)]: for each decoder token its row among the encoder's (P+V per picture); B*(P+V), the mask token's
 *   row, where the patch was removed.
 * - `restore.inverse` [B*(P+V)]: for each encoder token its row among the decoder's (P+L per picture).
 * - `removed` [B*R]: rows of the removed patches (L per picture), in shuffled order.
 * - `removed.token` [B*R]: the same among the decoder's tokens (P+L per picture).
 * - `removed.token.inverse` [B*(P+L)]: for each decoder token its row among the removed ones; B*R where it is none.
 */
export function maskingIndices(masking: Masking, prefix: number): Record<IndexName, Int32Array> {
  const { size, patches, visible, shuffle, restore } = masking;
  const removed = patches - visible;
  const encoderTokens = prefix + visible;
  const decoderTokens = prefix + patches;
  const indices = {
    visible: new Int32Array(size * visible),
    'visible.inverse': new Int32Array(size * patches).fill(size * visible),
    'visible.position': new Int32Array(size * visible),
    restore: new Int32Array(size * decoderTokens).fill(size * encoderTokens),
    'restore.inverse': new Int32Array(size * encoderTokens),
    removed: new Int32Array(size * removed),
    'removed.token': new Int32Array(size * removed),
    'removed.token.inverse': new Int32Array(size * decoderTokens).fill(size * removed),
  };
  for (let picture = 0; picture < size; picture++) {
    for (let token = 0; token < prefix; token++) {
      indices.restore[picture * decoderTokens + token] = picture * encoderTokens + token;
      indices['restore.inverse'][picture * encoderTokens + token] = picture * decoderTokens + token;
    }
    for (let patch = 0; patch < patches; patch++) {
      const rank = restore[picture * patches + patch] ?? 0;
      const decoderToken = picture * decoderTokens + prefix + patch;
      if (rank < visible) {
        const row = picture * visible + rank;
        const encoderToken = picture * encoderTokens + prefix + rank;
        indices.visible[row] = picture * patches + patch;
        indices['visible.inverse'][picture * patches + patch] = row;
        indices['visible.position'][row] = shuffle[picture * patches + rank] ?? 0;
        indices.restore[decoderToken] = encoderToken;
        indices['restore.inverse'][encoderToken] = decoderToken;
      } else {
        const row = picture * removed + rank - visible;
        indices.removed[row] = picture * patches + patch;
        indices['removed.token'][row] = decoderToken;
        indices['removed.token.inverse'][decoderToken] = row;
      }
    }
  }
  return indices;
}
