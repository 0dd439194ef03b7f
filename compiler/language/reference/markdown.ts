/** Pieces of Markdown as GitHub reads it. */

export function code(text: string): string {
  return `\`${text}\``;
}

/** A fenced block; `language` is what it is coloured as. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** Plain text as Markdown that shows it so, but for what stands between backticks, which becomes code. */
export function prose(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replace(/[\\*[\]<>~]|\b_|_\b/g, '\\$&') : `\`${part}\``))
    .join('');
}

/** A table; cells are Markdown, and a bar in one is a bar. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The name that GitHub gives a heading in links. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** A link to a heading of the same page. */
export function linkTo(heading: string): string {
  return `[${heading}](#${anchorOf(heading)})`;
}

/** Something that links can name where there is no heading. */
export function target(name: string): string {
  return `<a id="${name}"></a>`;
}

/** Blocks with an empty line between them; empty ones are left out. */
export function paragraphs(...blocks: readonly string[]): string {
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** `One of them.` out of `one of them`. */
export function sentence(text: string): string {
  const [first = '', ...rest] = text;
  return `${first.toUpperCase()}${rest.join('')}.`;
}
