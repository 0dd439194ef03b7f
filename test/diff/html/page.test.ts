import { describe, expect, it } from 'vitest';
import { diffSides } from '../../../compiler/diff/diff-sides.ts';
import { classMeanings, renderHtml } from '../../../compiler/diff/render/html/page.ts';
import { tensorFates } from '../../../compiler/diff/report.ts';
import { modelRules } from '../../../compiler/diff/rules/registry.ts';
import { rankOf } from '../../../compiler/language/schema/change-class.ts';
import { specOf } from '../../language/support.ts';
import { modelSpec } from '../../support/specs.ts';
import { official, officialPairs } from '../official-sides.ts';
import { ruleCases } from '../rule-cases.ts';
import { sideOf, sideOfText } from '../support.ts';

const [a, b] = [modelSpec({ name: 'a' }), modelSpec({ name: 'b', encoder: [32, 1, 2] })];

/** What a reader sees of a page: its words by line, without style and without how things are drawn. */
function outlineOf(page: string): string {
  return (
    page
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<title>([^<]*)<\/title>/g, (_, title: string) => `\n(${title.replaceAll('\n', ', ')})\n`)
      // The blocks of a stack are all alike.
      .replace(/(\n\([a-z]+, blocks\.)\d+(, .*\n)(\s*\1\d+\2)+/g, '$1*$2')
      .replace(/<(h[1-6]|summary)\b[^>]*>/g, '\n\n# ')
      .replace(/<i [^>]*title="([^"]*)"[^>]*>/g, '[$1] ')
      .replace(/<\/t[hd]><t[hd]\b[^>]*>/g, ' | ')
      .replace(/<[^>]*\bclass="changed ([a-z]+)-mark"[^>]*>/g, '[$1] ')
      .replace(/<[^>]*>/g, '')
      .replace(/[ \t]+\n/g, '\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()
  );
}

function expectUniqueIds(page: string): void {
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, name] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(name);
}

describe('the page of a comparison', () => {
  it.each(officialPairs)('of %s and %s says what the text says, beside both drawings', async (old, now) => {
    const page = renderHtml(diffSides(official(old), official(now)));
    expect(page.split('<svg ').length - 1).toBe(2);
    expectUniqueIds(page);
    await expect(`${outlineOf(page)}\n`).toMatchFileSnapshot(`../golden/${old}-${now}.html.txt`);
  });

  it('asks for nothing and runs nothing', () => {
    const page = renderHtml(diffSides(official('base'), official('large')));
    expect(page).toContain(
      'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;"',
    );
    expect(page).not.toMatch(
      /<script|<link rel="stylesheet|\bon[a-z]+="|url\(|@import|src="|href="(?!data:)/,
    );
  });

  it('escapes the names of files', () => {
    const report = diffSides(sideOf(a, '<img src=x onerror=alert(1)>.mae'), sideOf(b, '"quoted" & more'));
    const page = renderHtml(report);
    expect(page).not.toContain('<img');
    expect(page).toContain('<code>&lt;img src=x onerror=alert(1)&gt;.mae</code>');
    expect(page).toContain('<code>&quot;quoted&quot; &amp; more</code>');
  });

  it('of the same says so, and draws nothing', () => {
    const page = renderHtml(diffSides(sideOf(a), sideOf(a)));
    expect(page).toContain('the same: 1 model, nothing differs');
    expect(page).not.toContain('<svg');
  });

  it('of folders has a part for each model that differs, with ids of its own', () => {
    const c = modelSpec({ name: 'c', decoder: [16, 2, 2] });
    const page = renderHtml(
      diffSides(sideOf([a, b, c]), sideOf([a, { ...b, name: 'd' }, modelSpec({ name: 'e', patch: [8, 8] })])),
    );
    const headings = [...page.matchAll(/<h2 class="model"[^>]*>(.*?)<\/h2>/g)].map(([, text = '']) =>
      outlineOf(text),
    );
    expect(headings).toEqual(['b → d renamed', 'e added', 'c removed']);
    expect(page).toContain('1 model is the same.');
    expectUniqueIds(page);
    // Renamed: two; added and removed: one each.
    expect(page.split('<svg ').length - 1).toBe(4);
  });

  it('folds the table of weights only where it is long', () => {
    const table = (old: typeof a, now: typeof a) =>
      renderHtml(diffSides(sideOf(old), sideOf(now))).includes('<summary>All that are not kept');
    expect(table(a, modelSpec({ name: 'a', decoder: [8, 2, 2] }))).toBe(false);
    expect(table(a, b)).toBe(true);
  });
});

describe('the drawings of a page', () => {
  /** What a classifier adds is not drawn. */
  const ofClassifiers = ['classes', 'pooling', 'classifier-removed'];
  const drawn = modelRules.filter(
    ({ id, gravest }) => rankOf(gravest) <= rankOf('numerics') && !ofClassifiers.includes(id),
  );

  it.each(drawn)('mark what $id finds on both sides', ({ id, gravest }) => {
    const { old, new: now } = ruleCases[id] ?? { old: {}, new: {} };
    const page = renderHtml(diffSides(sideOfText(specOf(old)), sideOfText(specOf(now))));
    const [, first = '', second = ''] = page.split('<svg ');
    for (const svg of [first, second])
      expect(svg.split('</svg>')[0]).toContain(`class="changed ${gravest}-mark"`);
  });
});

it('has words for every class and a colour for every fate', () => {
  const page = renderHtml(diffSides(sideOf(a), sideOf(b)));
  for (const [grade, meaning] of Object.entries(classMeanings)) {
    expect(page).toContain(`--${grade}: #`);
    expect(meaning.length).toBeGreaterThan(10);
  }
  for (const fate of tensorFates) expect(page.split(`--${fate}: #`).length - 1).toBe(3);
});
