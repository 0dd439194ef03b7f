import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Chart, Classification, ReportContents } from '../../../runtime/view/report/contents.ts';
import { lossCharts } from '../../../runtime/view/report/loss-charts.ts';
import { reportPage, writeReport } from '../../../runtime/view/report/page.ts';
import { scratchFolder } from '../../data/scratch-folder.ts';
import { PNG, POINTS, SAMPLE } from './sample-report.ts';

const SECTIONS = ['Results', 'Curves', 'Pictures', 'Classification', 'Numbers', 'Spec'];

const headings = (page: string): string[] =>
  [...page.matchAll(/<h2 [^>]*>(.*?)<\/h2>/g)].map(([, text = '']) => text);

/** The report with these charts only. */
const pageWith = (charts: readonly Chart[]): Promise<string> =>
  reportPage({ ...SAMPLE, curves: { stepsPerEpoch: 10, charts } });

/** The points of every line, in the drawing's units. */
const linesOf = (page: string): (readonly [number, number])[][] =>
  [...page.matchAll(/<polyline class="[\w-]+" points="([^"]*)"/g)].map(([, points = '']) =>
    points.split(' ').map((point) => {
      const [x = Number.NaN, y = Number.NaN] = point.split(',').map(Number);
      return [x, y] as const;
    }),
  );

describe('the sections of a report', () => {
  it('are all there when a run has everything', async () => {
    expect(headings(await reportPage(SAMPLE))).toEqual(SECTIONS);
  });

  it('are left out where a run has nothing to say', async () => {
    const { title, task, status, madeBy } = SAMPLE;
    const bare: ReportContents = { title, task, status, madeBy, about: [], results: [] };
    expect(headings(await reportPage(bare))).toEqual([]);
    const empty = { pictures: [], tables: [{ title: 'Epochs', columns: ['epoch'], rows: [] }], spec: [] };
    const curves = { stepsPerEpoch: 10, charts: lossCharts([]) };
    expect(headings(await reportPage({ ...bare, ...empty, curves }))).toEqual([]);
    const { spec = [], pictures = [] } = SAMPLE;
    expect(headings(await reportPage({ ...bare, pictures, spec }))).toEqual(['Pictures', 'Spec']);
  });
});

describe('texts', () => {
  it('stay text, wherever they come from', async () => {
    const attack = `</script><script>alert(1)</script><img src=x onerror="alert(2)">' & "`;
    const classes = [{ name: attack, pictures: 1, top1: 1 }];
    const chart: Chart = {
      title: attack,
      unit: attack,
      height: 'low',
      series: [{ name: attack, colour: 'blue', points: [[1, 1]] }],
    };
    const page = await reportPage({
      title: attack,
      task: attack,
      description: attack,
      status: { state: 'failed', text: attack },
      about: [{ name: attack, value: attack, note: attack }],
      results: [{ name: attack, value: attack, note: attack }],
      curves: { stepsPerEpoch: 1, charts: [chart] },
      pictures: [{ title: attack, alternative: attack, png: PNG }],
      classification: { top1: 1, classes, confusion: [[1]] },
      tables: [{ title: attack, columns: [attack], rows: [[attack]] }],
      spec: [{ name: attack, facts: [{ name: attack, value: attack, note: attack }] }],
      madeBy: attack,
    });
    // Its own script and the data of the chart.
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page.match(/<img/g)).toHaveLength(1);
    expect(page).not.toContain('onerror="');
    expect(page).toContain(
      '<h1>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&#39; &amp; &quot;</h1>',
    );
    const [, data = ''] = page.match(/<script type="application\/json">(.*?)<\/script>/) ?? [];
    expect(JSON.parse(data)).toMatchObject({ title: attack, series: [{ name: attack, points: [[1, 1]] }] });
  });

  it('lose characters that a page cannot hold', async () => {
    const page = await reportPage({ ...SAMPLE, title: 'a\u0000b\u001bc' });
    expect(page).toContain('<h1>a\ufffdb\ufffdc</h1>');
  });

  it('are paragraphs where blank lines part them', async () => {
    expect((await reportPage(SAMPLE)).match(/<p class="description">.*?<\/p>/g)).toEqual([
      '<p class="description">First paragraph.</p>',
      '<p class="description">Second one.</p>',
    ]);
  });
});

describe('curves', () => {
  it('have a point for every step and every epoch, in the right places', async () => {
    const page = await pageWith(lossCharts(POINTS));
    const [steps = [], epochs = [], rates = []] = linesOf(page);
    expect([steps.length, epochs.length, rates.length]).toEqual([120, 12, 120]);
    // The axis goes from step 0 to 120; an epoch of ten steps has its middle at 5.5.
    expect(steps[59]?.[0]).toBeCloseTo(500, 1);
    expect(epochs[0]?.[0]).toBeCloseTo((5.5 / 120) * 1000, 1);
    // The rates rise evenly from 0.001 to 0.12, on an axis that ends 8 % above.
    expect(rates[119]?.[1]).toBeCloseTo(1000 - 1000 / 1.08, 1);
    expect(rates[59]?.[1]).toBeCloseTo(1000 - 500 / 1.08, 1);
    // The first epoch's mean of 1 / step, as the legend of the last one has it, too.
    const mean = (from: number) =>
      Array.from({ length: 10 }, (_, i) => 1 / (from + i)).reduce((sum, loss) => sum + loss / 10, 0);
    expect(page).toContain(`mean of each epoch: ${Number(mean(1).toPrecision(4))} at step 5.5`);
    expect(page).toContain(
      `<li class="blue">mean of each epoch <output>${Number(mean(111).toPrecision(4))}</output>`,
    );
  });

  it('of a long run keep their outline in a page of moderate size', async () => {
    const long = Array.from({ length: 100_000 }, (_, i) => ({
      step: i + 1,
      epoch: (i + 1) / 1000,
      loss: i === 61_803 ? 0.01 : 1 + (i % 7) / 10,
      learningRate: 1e-4,
    }));
    const page = await pageWith(lossCharts(long));
    expect(page.length).toBeLessThan(400_000);
    expect(page).toContain('[61804,0.01]');
  });

  it.each([1, 2])('can be made of %i steps', async (steps) => {
    const page = await pageWith(lossCharts(POINTS.slice(0, steps)));
    expect(page).not.toMatch(/NaN|Infinity%|Infinity"/);
    expect(linesOf(page).map((line) => line.length)).toEqual([steps, steps]);
  });
});

describe('the results of a classification', () => {
  it('have a row for each class, counts in the matrix, and the mistakes, most frequent first', async () => {
    const page = await reportPage(SAMPLE);
    expect(page).toContain('<dt>top-1 accuracy</dt><dd>75.0 %</dd>');
    expect(page).toContain(
      '<th scope="row">dog</th><td class="number">10</td><td class="number">30.0 %</td>',
    );
    expect(page).toContain('style="--share:0.700" title="dog taken for cat: 7 (70.0 %)">7</td>');
    const mistakes = page.slice(page.indexOf('Most frequent mistakes'));
    expect(
      [...mistakes.matchAll(/<td>(\w+)<\/td><td>(\w+)<\/td><td class="number">(\d+)<\/td>/g)].map((m) =>
        m.slice(1),
      ),
    ).toEqual([
      ['dog', 'cat', '7'],
      ['cat', 'dog', '3'],
    ]);
  });

  it('of many classes are folded, and their matrix is a picture', async () => {
    const side = 100;
    const classes = Array.from({ length: side }, (_, i) => ({ name: `class ${i}`, pictures: 4, top1: 0.75 }));
    // Three of four right, the fourth taken for the next class.
    const confusion = classes.map((_, row) =>
      classes.map((__, column) => (column === row ? 3 : column === (row + 1) % side ? 1 : 0)),
    );
    const results: Classification = { top1: 0.75, classes, confusion };
    const { pictures: _, ...sample } = SAMPLE;
    const page = await reportPage({ ...sample, classification: results });
    expect(page).toContain('<summary>Accuracy by class, 100 classes</summary>');
    const [, png = ''] = page.match(/<img src="data:image\/png;base64,([^"]+)"/) ?? [];
    const { data, info } = await sharp(Buffer.from(png, 'base64'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([side, side, 4]);
    const opacity = (row: number, column: number) => data[(row * side + column) * 4 + 3];
    expect([opacity(5, 5), opacity(5, 6), opacity(6, 5)]).toEqual([
      Math.round(255 * Math.sqrt(0.75)),
      128,
      0,
    ]);
  });
});

describe('the file', () => {
  it('needs no other one, and says so to the browser', async () => {
    const folder = await scratchFolder({});
    await writeReport(join(folder, 'report.html'), SAMPLE);
    const page = await readFile(join(folder, 'report.html'), 'utf8');
    expect(await readdir(folder)).toEqual(['report.html']);
    expect(page.match(/(?:src|href)="(?!data:)[^"]*"|url\(|@import/g)).toBeNull();
    expect(page).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:;/);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  });
});
