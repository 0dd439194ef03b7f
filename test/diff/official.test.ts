import { describe, expect, it } from 'vitest';
import { diffSides } from '../../compiler/diff/diff-sides.ts';
import { WIDTH } from '../../compiler/diff/render/columns.ts';
import { renderComparison } from '../../compiler/diff/render/compare.ts';
import { renderInspection } from '../../compiler/diff/render/inspect.ts';
import { renderMarkdown } from '../../compiler/diff/render/markdown.ts';
import { renderText } from '../../compiler/diff/render/text.ts';
import type { ModelFacts } from '../../compiler/diff/report.ts';
import { formatJson } from '../../compiler/emit/spec-json.ts';
import { displayWidth } from '../../compiler/language/display.ts';
import { officialNames as names, official, officialPairs as pairs } from './official-sides.ts';

const plain = (text: string) => text;

describe('the official sizes against each other', () => {
  it.each(pairs)('%s and %s as text, in 100 columns', async (a, b) => {
    const text = renderText(diffSides(official(a), official(b)));
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(WIDTH);
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${a}-${b}.txt`);
  });

  it.each(pairs)('%s and %s as JSON', async (a, b) => {
    const report = diffSides(official(a), official(b));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    // The weights are in the text; here they would be most of the file.
    const models = report.models.map(({ weights, ...model }) => ({ ...model, weights: weights.length }));
    await expect(formatJson({ ...report, models })).toMatchFileSnapshot(`golden/${a}-${b}.json.txt`);
  });

  it('as markdown, whose tables have as many cells in each row', async () => {
    const text = renderMarkdown(diffSides(official('base'), official('large')));
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    const tables = text.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBe(4);
    for (const table of tables) expect(new Set(table.split('\n').map(cells)).size).toBe(1);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/base-large.md');
  });
});

describe('the official sizes', () => {
  const facts = (): ModelFacts[] =>
    names.flatMap((name) => {
      const { models } = diffSides(official(name), official(name));
      return models.flatMap(({ old }) => (old === null ? [] : [old]));
    });

  it('have the parameters that the paper’s code has', () => {
    // models_mae.py of facebookresearch/mae, fixed positions included.
    expect(facts().map(({ cost }) => cost.parameters.total)).toEqual([111_907_840, 329_541_888, 657_074_508]);
  });

  it('side by side, in 100 columns', async () => {
    const text = renderComparison([...facts(), ...facts()], plain, plain);
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(WIDTH);
    await expect(`${renderComparison(facts(), plain, plain)}\n`).toMatchFileSnapshot('golden/compare.txt');
    expect(text.split('\n\n').length).toBeGreaterThan(2);
  });

  it('as a tree, in 100 columns', async () => {
    const [base] = facts();
    const text = base === undefined ? '' : renderInspection(base, plain, plain);
    for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(WIDTH);
    await expect(`${text}\n`).toMatchFileSnapshot('golden/inspect-base.txt');
  });
});
