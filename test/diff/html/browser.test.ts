import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffSides } from '../../../compiler/diff/diff-sides.ts';
import { renderHtml } from '../../../compiler/diff/render/html/page.ts';
import { drawModel } from '../../../compiler/draw/draw-model.ts';
import { scratchFolder } from '../../data/scratch-folder.ts';
import { factsOf } from '../../draw/support.ts';
import { specOf } from '../../language/support.ts';
import { findChromium } from '../../support/chromium.ts';
import { contrast } from '../../support/contrast.ts';
import { modelSpec } from '../../support/specs.ts';
import { official } from '../official-sides.ts';
import { sideOf, sideOfText } from '../support.ts';

const executablePath = findChromium();
const reason =
  executablePath === undefined ? ' (skipped: no Chromium found; CHROMIUM_PATH can name one)' : '';

/** A model with as much to say as there can be. */
const wordy = modelSpec({
  name: 'wordy',
  image: [64, 64, 12],
  registers: 4,
  qkNorm: true,
  qkvBias: false,
  layerScale: 0.1,
  positions: 'learned',
  pad: true,
  patchNorm: true,
  dropPath: 0.1,
  dropout: 0.1,
  mask: { kind: 'grid', unit: { height: 2, width: 2 } },
  target: 'normalized-pixels',
});

describe.skipIf(executablePath === undefined)(`the page of a comparison in a browser${reason}`, () => {
  let browser: Browser;
  let page: Page;
  /** Everything that the browser complains of, and whatever it asks for besides the page. */
  let complaints: string[];

  beforeAll(async () => {
    // Without a sandbox of its own, as in containers, the browser is only shown this project's pages.
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function open(content: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
    const path = join(await scratchFolder({ 'page.html': content }), 'page.html');
    page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
    page.setDefaultTimeout(5000);
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (url !== pathToFileURL(path).href && !url.startsWith('data:')) complaints.push(url);
    });
    await page.goto(pathToFileURL(path).href);
  }

  const baseAndLarge = () => renderHtml(diffSides(official('base'), official('large')));
  const wordyPage = () => renderHtml(diffSides(sideOf(modelSpec({ name: 'wordy' })), sideOf(wordy)));

  const everyClass = () => {
    const changed = specOf({
      encoder: 'encoder { width 192, depth 6, heads 3 }',
      mask: 'mask random 50%',
      loss: 'loss l1 { target pixels }',
      epochs: 'epochs 20',
    });
    return renderHtml(diffSides(sideOfText(specOf()), sideOfText(changed)));
  };

  /** Texts of drawings that reach out of them, or into each other. */
  const misplaced = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('svg')].flatMap((svg) => {
        const frame = svg.getBoundingClientRect();
        const boxes = [...svg.querySelectorAll('text')].map((text) => ({
          text: text.textContent,
          box: text.getBoundingClientRect(),
        }));
        const outside = boxes.filter(
          ({ box }) =>
            box.left < frame.left ||
            box.right > frame.right ||
            box.top < frame.top ||
            box.bottom > frame.bottom,
        );
        const overlapping = boxes.filter(({ box }, index) =>
          boxes.some(
            (other, at) =>
              at < index &&
              // Boxes of lines touch.
              box.top + 4 < other.box.bottom &&
              other.box.top + 4 < box.bottom &&
              box.left < other.box.right &&
              other.box.left < box.right,
          ),
        );
        return [...outside, ...overlapping].map(({ text }) => text);
      }),
    );

  it('asks for nothing, has nothing to complain of, and names its parts', async () => {
    await open(baseAndLarge());
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('vit-base → vit-large · mae diff');
    for (const name of ['Architecture', 'Changes', 'Weights', 'Cost']) {
      await page.getByRole('region', { name, exact: true }).waitFor();
    }
    await page.getByRole('img', { name: /^Architecture of vit-large: pictures of 224 × 224/ }).waitFor();
    expect(await page.locator('table:not(:has(th[scope]))').count()).toBe(0);
  });

  it('draws both models side by side in one scale', async () => {
    await open(baseAndLarge());
    const [old, now] = await page.locator('figure svg').all();
    const [left, right] = [await old?.boundingBox(), await now?.boundingBox()];
    expect(left?.y).toBe(right?.y);
    expect(left?.height).toBe(right?.height);
    expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
    const block = async (svg: typeof old) => (await svg?.locator('.block').first().boundingBox())?.width ?? 0;
    expect((await block(old)) / (await block(now))).toBeCloseTo(768 / 1024, 2);
    expect(await old?.locator('.block').count()).toBe(12 + 8);
    expect(await now?.locator('.block').count()).toBe(24 + 8);
  });

  it.each([
    ['an official pair', baseAndLarge],
    ['a model with much to say', wordyPage],
  ])('of %s has every word of its drawings in its place', async (_, content) => {
    await open(content());
    expect(await misplaced()).toEqual([]);
  });

  it('compares costs in bars', async () => {
    await open(baseAndLarge());
    const bars = page.locator('table.cost tbody tr').first().locator('.bars i');
    const [old, now] = await bars.evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width));
    expect((old ?? 0) / (now ?? 1)).toBeCloseTo(111_907_840 / 329_541_888, 2);
  });

  it('is unfolded with the keyboard alone', async () => {
    await open(baseAndLarge());
    const summary = page.getByText('All that are not kept');
    const row = page.getByRole('rowheader', { name: 'blocks.12–23' });
    expect(await row.isVisible()).toBe(false);
    await summary.focus();
    await page.keyboard.press('Enter');
    expect(await row.isVisible()).toBe(true);
  });

  it.each(['light', 'dark'] as const)('has enough contrast in the %s', async (colorScheme) => {
    await open(everyClass(), { colorScheme });
    const texts = [
      'h1',
      '.facts dt',
      '.note',
      '.meaning',
      '.place',
      '.rule',
      '.footnote',
      ...['weights', 'io', 'numerics', 'recipe'].map((grade) => `.class.${grade} h3 strong`),
      ...['.cost', '.legend', '.changed.weights-mark', '.changed.io-mark', 'text.heading'].map(
        (part) => `svg ${part}`,
      ),
    ];
    for (const selector of texts) {
      const [ink, ...papers] = await page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const backgrounds: string[] = [];
          for (let at: Element | null = element; at; at = at.parentElement)
            backgrounds.push(getComputedStyle(at).backgroundColor);
          const { color, fill } = getComputedStyle(element);
          return [element instanceof SVGElement ? fill : color, ...backgrounds];
        });
      // WCAG 2.2, 1.4.3.
      expect({ selector, contrast: contrast(ink ?? '', papers) }).toMatchObject({
        contrast: expect.toSatisfy((ratio: number) => ratio >= 4.5, 'at least 4.5'),
      });
    }
  });

  it('fits a narrow screen and a sheet of paper', async () => {
    await open(baseAndLarge(), { viewport: { width: 360, height: 700 } });
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    expect(await misplaced()).toEqual([]);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.setViewportSize({ width: 700, height: 990 });
    expect(await overflow()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
  });

  it('a drawing alone is well-formed XML, in the colours that the reader prefers', async () => {
    await open('<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">');
    const svg = drawModel({ ...factsOf(), name: '<&"\'\u0001>' });
    const parsed = await page.evaluate((text) => {
      const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      return [root.nodeName, root.querySelector('parsererror')?.textContent ?? ''];
    }, svg);
    expect(parsed).toEqual(['svg', '']);
    for (const [colorScheme, paper] of [
      ['light', 'rgb(255, 255, 255)'],
      ['dark', 'rgb(18, 21, 26)'],
    ] as const) {
      await open(`<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body>${svg}`, {
        colorScheme,
      });
      expect(await page.locator('rect.paper').evaluate((rect) => getComputedStyle(rect).fill)).toBe(paper);
      expect(await misplaced()).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });
});
