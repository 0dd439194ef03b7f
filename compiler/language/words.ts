/** Words of messages: quoting what the user wrote, and lists. */

const longestQuote = 40;

/** Control, format (bidirectional) and other characters that would disturb a terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text with characters that do not print shown as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A piece of the user's text between quotation marks, shortened when it is long. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * longestQuote));
  const short =
    characters.length > longestQuote
      ? `${characters.slice(0, longestQuote - 1).join('')}…`
      : characters.join('');
  return `‘${printable(short)}’`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** `1 patch`, `2 patches`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A share as a percentage with no more digits than it needs: 0.75 is `75%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}
