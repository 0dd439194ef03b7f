import type { Value } from '../language/ast.ts';
import type { KeyEntry, Slot } from '../language/schema/key-entry.ts';
import type { Resolved } from '../language/schema/value-type.ts';
import { SourceText } from '../language/source-text.ts';
import { parseSource } from '../language/syntax-tree.ts';
import { percent } from '../language/words.ts';
import { expectedAfter } from './value-roles.ts';

/** A value of a key as one would write it: 0.75 as `75%` where the key takes shares, [16, 16] as `16`. */
export function spellValue(entry: KeyEntry, slot: Slot, value: Resolved): string {
  const wanted = JSON.stringify(value);
  const reads = (text: string) => {
    const written = valuesOf(`key ${text}`)[0];
    if (written === undefined || written.text !== text) return false;
    const reading = slot.type.read(written);
    return 'value' in reading && JSON.stringify(reading.value) === wanted;
  };
  const example = exampleOf(entry, slot);
  const shares = example.some((text) => text.includes('%'));
  const spelled = [...example, ...spellings(value, shares)].find(reads);
  if (spelled !== undefined) return spelled;
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** The values that a key's example gives for a slot, as written. */
export function exampleOf(entry: KeyEntry, slot: Slot): string[] {
  const values = valuesOf(entry.example);
  return values.flatMap(({ text }, index) => {
    const expected = expectedAfter(entry, values.slice(0, index));
    const isForSlot = expected.some((each) => each.slot === slot && each.keyword === undefined);
    const isKeyword = expected.some((each) => each.keyword === text);
    return isForSlot && !isKeyword ? [text] : [];
  });
}

/** Ways in which a value might be written; which of them a key takes, it decides itself. */
function spellings(value: Resolved, shares: boolean): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  const [first, second]: ((n: number) => string)[] = shares ? [percent, String] : [String, percent];
  const formats = [first ?? String, second ?? String];
  if (typeof value === 'number') return formats.map((format) => format(value));
  if ('factor' in value) return [`${value.factor}x`];
  const sides = new Set(value);
  const square = sides.size === 1 ? [...sides].map(String) : [];
  return [...square, ...formats.map((format) => value.map(format).join('..')), value.join('x')];
}

function valuesOf(statement: string): readonly Value[] {
  return parseSource(new SourceText('', statement), () => {}).statements[0]?.values ?? [];
}
