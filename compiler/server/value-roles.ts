import type { Statement, Value } from '../language/ast.ts';
import { reservedWords } from '../language/reserved-words.ts';
import { constantKey } from '../language/schema/file-keys.ts';
import type { KeyEntry, Slot } from '../language/schema/key-entry.ts';
import { anyValue, declaredName, formerName, path } from '../language/schema/value-types.ts';

/** What may stand next: a slot's value, or the word that must come before it. */
export interface Expectation {
  readonly slot: Slot;
  readonly keyword: string | undefined;
}

/** What may stand behind the values that a statement has so far. */
export function expectedAfter(entry: KeyEntry, before: readonly Pick<Value, 'text'>[]): Expectation[] {
  const expected: Expectation[] = [];
  let position = 0;
  for (const slot of entry.slots) {
    const { keyword, optional = false, repeated = false } = slot;
    const next = before[position];
    if (keyword !== undefined && next?.text !== keyword) {
      if (next === undefined) expected.push({ slot, keyword });
      if (optional) continue;
      return expected;
    }
    if (keyword !== undefined) position++;
    if (position >= before.length || repeated) {
      expected.push({ slot, keyword: undefined });
      if (optional && keyword === undefined) continue;
      return expected;
    }
    position++;
  }
  return expected;
}

/** What a word behind a key is there for. */
export type ValueRole =
  /** The word before a value: the `per` of `lr 1.5e-4 per 256`. */
  | { readonly kind: 'keyword'; readonly slot: Slot }
  /** The name that the statement declares. */
  | { readonly kind: 'declaration'; readonly slot: Slot }
  /** The name of something that is declared by the key `to`. */
  | { readonly kind: 'reference'; readonly slot: Slot; readonly to: string }
  | { readonly kind: 'path'; readonly slot: Slot }
  | { readonly kind: 'option'; readonly slot: Slot }
  | { readonly kind: 'value'; readonly slot: Slot };

/** The role of the value of that index; undefined where the key takes no value. */
export function roleOf({ values }: Statement, entry: KeyEntry, index: number): ValueRole | undefined {
  const value = values[index];
  if (value === undefined) return undefined;
  // No more than the slots and their keywords tell what comes next, and a line may hold very many values.
  const most = 2 * entry.slots.length + 1;
  const expected = expectedAfter(entry, values.slice(0, Math.min(index, most)));
  const isName = value.kind === 'name';
  const keyword = expected.find((each) => isName && each.keyword === value.text);
  if (keyword !== undefined) return { kind: 'keyword', slot: keyword.slot };
  const slot = expected.find((each) => each.keyword === undefined)?.slot;
  if (slot === undefined) return undefined;
  const { type } = slot;
  if (type === path) return { kind: 'path', slot };
  if (!isName || type === formerName) return { kind: 'value', slot };
  if (type === declaredName) return { kind: 'declaration', slot };
  if (type.refersTo !== undefined) return { kind: 'reference', slot, to: type.refersTo };
  const isOption =
    type === anyValue ? reservedWords.has(value.text) : meaningOf(slot, value.text) !== undefined;
  return isOption ? { kind: 'option', slot } : { kind: 'reference', slot, to: constantKey };
}

/** What an option of a slot means, in the words of the schema; undefined for what is no option of it. */
export function meaningOf({ type: { options = {} } }: Slot, name: string): string | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}
