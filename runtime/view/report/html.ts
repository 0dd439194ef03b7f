/** Text that is HTML already. Only `html` and `trusted` make it, so that whatever else comes into a page is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** A piece of a page: html`<td>${name}</td>`. Values are escaped, lists joined, `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((part, i) => part + (i < values.length ? rendered(values[i]) : '')).join(''));
}

/** HTML, CSS or script that this program wrote itself. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Data for a script of the page, in a block that is never executed. No `<` is left in it that could end the block. */
export function jsonBlock(data: unknown): Html {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return trusted(`<script type="application/json">${json}</script>`);
}

function rendered(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(rendered).join('');
  return escapeHtml(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is written in HTML, between tags and in quoted attributes. Characters that HTML cannot hold are replaced. */
export function escapeHtml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a page must not hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
      .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
  );
}
