import type { ChangeClass } from './change-class.ts';
import type { Resolved, ValueType } from './value-type.ts';

/** Where a statement can stand: at the top of a file, or in the block of a key. */
export type Place =
  | 'file'
  | 'model'
  | 'image'
  | 'patch'
  | 'encoder'
  | 'decoder'
  | 'mask'
  | 'loss'
  | 'recipe'
  | 'optimizer'
  | 'schedule'
  | 'augment'
  | 'rand-augment'
  | 'erase';

/** What a recipe is for. */
export type Training = 'pretrain' | 'finetune' | 'linear-probe';

/** How messages name a training. */
export const trainingNames: Readonly<Record<Training, string>> = {
  pretrain: 'pretraining',
  finetune: 'fine-tuning',
  'linear-probe': 'linear probing',
};

/** How messages name a place. */
export const placeNames: Readonly<Record<Place, string>> = {
  file: 'a file',
  model: 'a model',
  image: 'image',
  patch: 'patch',
  encoder: 'encoder',
  decoder: 'decoder',
  mask: 'mask',
  loss: 'loss',
  recipe: 'a recipe',
  optimizer: 'optimizer',
  schedule: 'schedule',
  augment: 'augment',
  'rand-augment': 'rand-augment',
  erase: 'erase',
};

/** One of the values of a key, in the order in which they are written. */
export interface Slot {
  /** What the value is, in a word: unique among the key's slots. */
  readonly name: string;
  readonly type: ValueType;
  /** A word that stands before the value: the `per` of `lr 1.5e-4 per 256`. */
  readonly keyword?: string;
  /** Whether it may be left out where the key is written. */
  readonly optional?: boolean;
  /** Whether it takes all the values that are left, at least one; resolved to a list of numbers. */
  readonly repeated?: boolean;
  /** What holds where the key, or an optional value of it, is not written. */
  readonly default?: Resolved;
  readonly unit?: string;
}

/** One key of the language. */
export interface KeyEntry {
  readonly key: string;
  readonly places: readonly Place[];
  /**
   * The gravest thing that a change of its values can be; what a given change is, the rules of `compiler/diff` say. A block
   * without values changes nothing by itself.
   */
  readonly change: ChangeClass;
  readonly slots: readonly Slot[];
  /** The place that its block is. */
  readonly block?: Place;
  /** Whether a block of that place must have it, unless it is inherited. */
  readonly required?: boolean;
  /** The trainings that it has a meaning in; all if left out. */
  readonly trainings?: readonly Training[];
  /** The kinds of optimizer that it has a meaning for; all if left out. */
  readonly optimizers?: readonly string[];
  /** Whether it may be given more than once. */
  readonly repeatable?: boolean;
  /** One line: what it says. */
  readonly doc: string;
  /** A default that is no constant, in words. */
  readonly computedDefault?: string;
  /** The paper or the code that it and its default come from. */
  readonly source: string;
  /** A statement as one would write it. */
  readonly example: string;
}
