import type { Value } from '../ast.ts';
import type { KeyEntry, Slot } from '../schema/key-entry.ts';
import type { Resolved } from '../schema/value-type.ts';
import { SourceText } from '../source-text.ts';
import { parseSource } from '../syntax-tree.ts';
import { percent } from '../words.ts';

/** Decimals of a number that is none of few digits, such as a third. */
const shownDigits = 5;

/**
 * A value of a key as one would write it: the way the key's example does if that is the same value, else the first way that the
 * key's type reads as it. 0.75 is `75%` where shares are wanted, and [16, 16] is `16`. Long decimals are cut short with an ellipsis.
 */
export function spellValue({ example }: KeyEntry, { type }: Slot, value: Resolved): string {
  const wanted = JSON.stringify(value);
  const shownBy = (written: Value) => {
    const reading = type.read(written);
    return 'value' in reading && JSON.stringify(reading.value) === wanted;
  };
  const candidates = spellings(value, type.label.includes('%'));
  const found = [...valuesOf(example), ...candidates.flatMap((text) => valuesOf(`key ${text}`))].find(
    shownBy,
  );
  const text = found?.text ?? candidates[0] ?? wanted;
  return text.replace(new RegExp(`(\\.\\d{${shownDigits}})\\d{6,}`, 'g'), '$1…');
}

/** Ways in which a value might be written; which of them a key takes, its type decides. */
function spellings(value: Resolved, asShare: boolean): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
  const show = asShare ? percent : String;
  if (typeof value === 'number') return [show(value), String(value)];
  if ('factor' in value) return [`${value.factor}x`];
  const sides = value.map(String);
  const square = new Set(sides).size === 1 ? sides.slice(0, 1) : [];
  return [...square, value.map(show).join('..'), sides.join('x'), sides.join(' ')];
}

function valuesOf(statement: string): readonly Value[] {
  return parseSource(new SourceText('', statement), () => {}).statements[0]?.values ?? [];
}
