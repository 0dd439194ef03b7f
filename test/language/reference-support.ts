import { expect } from 'vitest';

/** The fenced blocks of a page in one language. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\S+)\n([\s\S]*?)^```$/gm)]
    .filter(([, fence]) => fence === language)
    .map(([, , text = '']) => text);
}

/** Demands that every link to a heading or a row of the pages leads somewhere, and that no target is there twice. */
export function expectLinksToResolve(page: string, others: Readonly<Record<string, string>>): void {
  const links = [...page.matchAll(/\]\(([\w.-]*)#([\w-]+)\)/g)];
  expect(links.length).toBeGreaterThan(10);
  for (const [link, file = '', name] of links) {
    const targets = targetsOf(file === '' ? page : (others[file] ?? ''));
    expect(
      targets.filter((target) => target === name),
      link,
    ).toHaveLength(1);
  }
}

function targetsOf(page: string): string[] {
  const prose = page.replace(/^```[\s\S]*?^```$/gm, '');
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}

/** Demands that every row of every table has as many cells as its header. */
export function expectTablesToBeWhole(page: string): void {
  const tables = page.split('\n\n').filter((block) => block.startsWith('| '));
  expect(tables.length).toBeGreaterThan(2);
  for (const table of tables) {
    const widths = table.split('\n').map((row) => row.replaceAll('\\|', '').split('|').length);
    expect(new Set(widths).size, table).toBe(1);
  }
}
