import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ruleTable } from '../../compiler/diff/render/rule-table.ts';
import { tensorFates } from '../../compiler/diff/report.ts';
import { changeClasses } from '../../compiler/language/schema/change-class.ts';

const page = readFileSync(new URL('../../docs/diff.md', import.meta.url), 'utf8');

it('docs/diff.md has the table of all rules, as they are', () => {
  expect(page.endsWith(`## Rules\n\n${ruleTable()}\n`)).toBe(true);
});

it('docs/diff.md explains every class and every fate of a tensor', () => {
  for (const name of [...changeClasses, ...tensorFates])
    expect(page, name).toMatch(new RegExp(`^\\|.*\`${name}\``, 'm'));
});
