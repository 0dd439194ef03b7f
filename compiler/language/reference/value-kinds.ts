import type { Value } from '../ast.ts';
import { code, table } from './markdown.ts';

type Kind = Exclude<Value['kind'], 'broken'>;

interface KindEntry {
  /** Values as one would write them. */
  readonly written: readonly string[];
  readonly meaning: string;
}

/** The kinds of values, told apart by how they are written. */
export const valueKinds: Readonly<Record<Kind, KindEntry>> = {
  count: {
    written: ['32', '4_096'],
    meaning: 'a whole number; underscores between digits are only for the eye',
  },
  number: { written: ['0.05', '1.5e-4'], meaning: 'a real number; where one is wanted, a count is one too' },
  percentage: {
    written: ['75%'],
    meaning: 'a part of a whole: the same as 0.75, which may be written instead',
  },
  multiple: {
    written: ['4x', '2.5x'],
    meaning: 'so many times another value of the spec: an MLP of `4x` is four times as wide as the tokens',
  },
  size: {
    written: ['14x16', '224x224x3'],
    meaning: 'height x width, or height x width x channels, without blanks; always in this order',
  },
  range: { written: ['20%..100%', '0.75..1.33'], meaning: 'from one number to another, both ends included' },
  name: {
    written: ['cosine', 'vit-base'],
    meaning: 'an option of a key, a model, a recipe or a constant; in kebab-case',
  },
  string: {
    written: ['"./recipes.mae"'],
    meaning: 'text on one line between double quotation marks: a path',
  },
};

/** All kinds, with what they look like. */
export function valueKindTable(): string {
  return table(
    ['Value', 'Written', 'Meaning'],
    Object.entries(valueKinds).map(([kind, { written, meaning }]) => [
      kind,
      written.map(code).join(', '),
      meaning,
    ]),
  );
}
