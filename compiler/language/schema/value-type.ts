import type { Value } from '../ast.ts';

/** A value as the checker keeps it: shares as 0..1, sizes and ranges as lists, a multiple by its factor. */
export type Resolved = number | string | boolean | readonly number[] | Multiple;

/** So many times another value of the spec. */
export interface Multiple {
  readonly factor: number;
}

/** What reading a written value gave: the value, or why there is none. */
export type Reading =
  | { readonly value: Resolved }
  | { readonly wrong: 'kind' }
  | { readonly wrong: 'bounds'; readonly bounds: string; readonly help?: string }
  | { readonly wrong: 'order' }
  | { readonly wrong: 'option' };

/** The kind of value that a key takes: how to name it, and how to read one. */
export interface ValueType {
  /** With its article and bounds: `a count from 1 to 4096`. */
  readonly label: string;
  /** The names it may be, each with its line of documentation; undefined where it is no choice of names. */
  readonly options?: Readonly<Record<string, string>>;
  /** What a `reference` refers to. */
  readonly refersTo?: 'model' | 'recipe';
  /** What the key alone means. */
  readonly bare?: Resolved;
  read(value: Value): Reading;
}

/** Ends that belong to the interval (`least`, `most`) or not (`above`, `below`). */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}
