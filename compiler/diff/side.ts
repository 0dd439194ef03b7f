import type { modelData } from '../emit/spec-json.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import type { SourceText } from '../language/source-text.ts';
import type { Network, SideKind, Tensor } from './report.ts';
import type { Numbers } from './weights/numbers.ts';

/** What spec.json holds under `model`. */
export type Architecture = ReturnType<typeof modelData>;

/** A model as one side has it. */
export interface SideModel {
  readonly spec: ModelSpec;
  /** The trainings that the side tells of: all of a spec, of a checkpoint its own. Recipes of others mean nothing. */
  readonly knows: readonly Network[];
  /**
   * Tensors of the first network that it knows as the side lists them, in its order; those that follow from the spec where it lists
   * none.
   */
  readonly tensors?: readonly Tensor[];
  /**
   * The numbers of a tensor that it lists, as `mae export` takes them; undefined for a side that holds none. Throws what reading the
   * file throws.
   */
  readonly numbers?: (name: string) => Numbers;
}

/** Every training, the first one first. */
export const networks: readonly Network[] = ['pretrain', 'finetune', 'linear-probe'];

/** One side of a comparison. */
export interface Side {
  /** As the user named it. */
  readonly label: string;
  readonly kind: SideKind;
  /** Whether it stands for all models of a folder, so that models are matched by name. */
  readonly isFolder: boolean;
  readonly models: readonly SideModel[];
  /** The texts that spans refer to, by file name. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** The git revision of the texts. */
  readonly revision?: string;
}
