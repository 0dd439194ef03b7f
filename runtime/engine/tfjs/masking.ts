import { tensor1d, tensor2d } from '@tensorflow/tfjs';
import { maskingIndices, type Masking as PatchMasking } from '../../train/masking.ts';
import { EngineError } from '../engine.ts';
import type { Sum } from './shape-arithmetic.ts';
import type { RowNumbers, Rows } from './shapes.ts';

/**
 * Which patches of each picture the encoder sees, as row numbers: `Visible` patches stay, `Removed` ones go, and `Prefix` tokens
 * (the class token) stand before them. Row n of k per picture is row picture * k + n.
 */
export interface Masking<Visible extends number, Removed extends number, Prefix extends number> {
  /** The rows of the visible patches among all patches, in the order in which the encoder sees them. */
  readonly visible: RowNumbers<Visible>;
  /** For each patch its row among the visible ones; one past their end where it was removed. */
  readonly visibleInverse: RowNumbers<Sum<Visible, Removed>>;
  /** For each of the decoder's tokens its row among the encoder's; one past their end where the mask token stands. */
  readonly restore: RowNumbers<Sum<Prefix, Sum<Visible, Removed>>>;
  /** For each of the encoder's tokens its row among the decoder's. */
  readonly restoreInverse: RowNumbers<Sum<Prefix, Visible>>;
  /** The rows of the removed patches among all patches. */
  readonly removed: RowNumbers<Removed>;
  /** The rows of the removed patches among the decoder's tokens. */
  readonly removedToken: RowNumbers<Removed>;
  /** [batch, patches], 1 where a patch was removed. */
  readonly mask: Rows<1, Sum<Visible, Removed>>;
}

export interface MaskingCounts<Visible extends number, Removed extends number, Prefix extends number> {
  readonly visible: Visible;
  readonly removed: Removed;
  readonly prefix: Prefix;
}

/**
 * A batch's masking as tensors on the current backend. The caller disposes of them. Throws an `EngineError` when the masking
 * is of other counts than the model's.
 */
export function maskingTensors<Visible extends number, Removed extends number, Prefix extends number>(
  masking: PatchMasking,
  counts: MaskingCounts<Visible, Removed, Prefix>,
): Masking<Visible, Removed, Prefix> {
  const { visible, removed, prefix } = counts;
  if (masking.visible !== visible || masking.patches !== visible + removed) {
    throw new EngineError(
      `the masking keeps ${masking.visible} of ${masking.patches} patches; the model needs ${visible} of ${visible + removed}`,
    );
  }
  const indices = maskingIndices(masking, prefix);
  return {
    visible: rowNumbers(indices.visible),
    visibleInverse: rowNumbers(indices['visible.inverse']),
    restore: rowNumbers(indices.restore),
    restoreInverse: rowNumbers(indices['restore.inverse']),
    removed: rowNumbers(indices.removed),
    removedToken: rowNumbers(indices['removed.token']),
    mask: tensor2d(masking.mask, [masking.size, masking.patches]) as Rows<1, Sum<Visible, Removed>>,
  };
}

function rowNumbers<Count extends number>(numbers: Int32Array): RowNumbers<Count> {
  return tensor1d(numbers, 'int32') as RowNumbers<Count>;
}
