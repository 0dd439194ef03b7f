import type { Span } from './span.ts';

/** What every value carries: where it stands and how it was written. */
interface Written {
  readonly span: Span;
  readonly text: string;
}

export interface CountValue extends Written {
  readonly kind: 'count';
  readonly value: number;
}

export interface NumberValue extends Written {
  readonly kind: 'number';
  readonly value: number;
}

/** `75%`; the value is the share, 0.75. */
export interface PercentageValue extends Written {
  readonly kind: 'percentage';
  readonly value: number;
}

/** `4x`: so many times another value of the spec. */
export interface MultipleValue extends Written {
  readonly kind: 'multiple';
  readonly factor: number;
}

/** `224x224` or `224x224x3`: height, width and perhaps channels. */
export interface SizeValue extends Written {
  readonly kind: 'size';
  readonly extents: readonly number[];
}

/** `20%..100%` or `0.2..1.0`, both ends included; percentages become shares. */
export interface RangeValue extends Written {
  readonly kind: 'range';
  readonly low: number;
  readonly high: number;
}

export interface NameValue extends Written {
  readonly kind: 'name';
}

export interface StringValue extends Written {
  readonly kind: 'string';
  /** What stands between the quotation marks. */
  readonly content: string;
}

/** A value that could not be understood and has been reported already. */
export interface BrokenValue extends Written {
  readonly kind: 'broken';
}

export type Value =
  | CountValue
  | NumberValue
  | PercentageValue
  | MultipleValue
  | SizeValue
  | RangeValue
  | NameValue
  | StringValue
  | BrokenValue;

/** `KEY value* { block }?` */
export interface Statement {
  readonly key: { readonly text: string; readonly span: Span };
  readonly values: readonly Value[];
  readonly block: Block | undefined;
  /** The key and its values. */
  readonly head: Span;
  /** Whether its values were reported as misplaced, so that nothing more should be said about them. */
  readonly damaged: boolean;
}

export interface Block {
  readonly statements: readonly Statement[];
  /** From the opening to the closing brace. */
  readonly span: Span;
  /** Whether some of it could not be understood, so that a key that seems missing or misplaced may not be. */
  readonly damaged: boolean;
}

export interface Comment {
  readonly span: Span;
  /** As written, with its marker. */
  readonly text: string;
  /** Whether nothing stands before it on its line. */
  readonly ownLine: boolean;
}

/** A parsed file: statements as in a block, and its comments in order. */
export interface SyntaxTree {
  readonly file: string;
  readonly statements: readonly Statement[];
  readonly comments: readonly Comment[];
}
