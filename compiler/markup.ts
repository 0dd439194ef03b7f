/** Text that is SVG or HTML already. Only `markup` and `trusted` make it, so that whatever else comes into a page is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupValue = Markup | string | number | undefined | readonly MarkupValue[];

/** A piece of a drawing or page: markup`<td>${name}</td>`. Values are escaped, lists joined, `undefined` is nothing. */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(strings.map((part, i) => part + (i < values.length ? rendered(values[i]) : '')).join(''));
}

/** Markup or style that this program wrote itself. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function rendered(value: MarkupValue): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(rendered).join('');
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : escapeMarkup(value);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is written between tags and in quoted attributes. Characters that XML cannot hold are replaced. */
export function escapeMarkup(text: string): string {
  return (
    text
      // Under `u` the range finds lone surrogates only.
      .replace(/[\ud800-\udfff]/gu, '\ufffd')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what markup must not hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"']/g, (character) => escapes[character] ?? '')
  );
}
