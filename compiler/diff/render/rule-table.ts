import { allRules } from '../rules/registry.ts';
import { markdownTable } from './markdown.ts';

/** Every rule with the gravest class it finds, for the documentation. */
export function ruleTable(): string {
  const rows = allRules.map(({ id, gravest, title, keys }) => [
    `\`${id}\``,
    gravest,
    title,
    keys.map((key) => `\`${key}\``).join(', '),
  ]);
  return markdownTable(['rule', 'at its gravest', 'finds', 'keys'], rows);
}
