import { schema } from '../schema.ts';
import { prose } from './markdown.ts';

/** `Authors YEAR, "Title"`. */
const cited = /(?<work>\p{Lu}[^,;()"]* \d{4}), "(?<title>[^"]+)"/gu;

/** A source as it is named in a table, whose titles stand in the list: `He et al. 2022, section 3`. */
export function withoutTitles(source: string): string {
  return source.replace(cited, '$<work>');
}

/** The works with titles that the schema names, by author. */
export function sourceList(): string {
  const titles = new Map<string, string>();
  for (const { source } of schema) {
    for (const { groups } of source.matchAll(cited)) titles.set(groups?.work ?? '', groups?.title ?? '');
  }
  const works = [...titles].sort(([a], [b]) => a.localeCompare(b, 'en'));
  return works.map(([work, title]) => `- ${prose(work)}, *${prose(title)}*`).join('\n');
}
