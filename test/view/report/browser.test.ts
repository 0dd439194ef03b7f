import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeReport } from '../../../runtime/view/report/page.ts';
import { scratchFolder } from '../../data/scratch-folder.ts';
import { findChromium } from '../../support/chromium.ts';
import { contrast } from '../../support/contrast.ts';
import { POINTS, SAMPLE } from './sample-report.ts';

const executablePath = findChromium();
const reason =
  executablePath === undefined ? ' (skipped: no Chromium found; CHROMIUM_PATH can name one)' : '';

describe.skipIf(executablePath === undefined)(`a report in a browser${reason}`, () => {
  let browser: Browser;
  let page: Page;
  /** Everything that the browser complains of, and whatever it asks for besides the page. */
  let complaints: string[];

  beforeAll(async () => {
    // Without a sandbox of its own, as in containers, the browser is only shown this project's page.
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  /** Opens the report from the disk, as a reader would. */
  async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
    const path = join(await scratchFolder({}), 'report.html');
    await writeReport(path, SAMPLE);
    page = await browser.newPage({ viewport: { width: 1000, height: 800 }, ...options });
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (url !== pathToFileURL(path).href && !url.startsWith('data:')) complaints.push(url);
    });
    await page.goto(pathToFileURL(path).href);
  }

  const plot = (index: number) => page.locator('.plot').nth(index);
  const readOut = (index: number) =>
    page.locator('.chart').nth(index).locator('figcaption output').allTextContents();
  /** The pointer over a chart, at a share of its width. */
  async function point(index: number, share: number): Promise<void> {
    await plot(index).scrollIntoViewIfNeeded();
    const { x = 0, y = 0, width = 0, height = 0 } = (await plot(index).boundingBox()) ?? {};
    await page.mouse.move(x + share * width, y + height / 2);
  }
  const shown = (value: number) => String(Number(value.toPrecision(4)));

  describe('opened from the disk', () => {
    beforeEach(() => open());

    it('draws every point, asks for nothing, and has nothing to complain of', async () => {
      const points = await page
        .locator('polyline')
        .evaluateAll((lines) => lines.map((line) => (line.getAttribute('points') ?? '').split(' ').length));
      expect(points).toEqual([120, 12, 120, 2]);
      expect(await page.title()).toBe('vit-sample · Fine-tuning');
      expect(
        await page.locator('img').evaluate((image) => image.getBoundingClientRect().width),
      ).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
    });

    it('shows the last values at first, those under the pointer, and the last again', async () => {
      const mean = (epoch: number) =>
        POINTS.slice(epoch * 10, epoch * 10 + 10).reduce((sum, { loss }) => sum + loss / 10, 0);
      const last = [shown(mean(11)), shown(1 / 120)];
      expect(await readOut(0)).toEqual(last);
      // The axis begins with step 0 and ends with step 120: here is step 60, which ends the sixth epoch.
      await point(0, 0.5);
      expect(await readOut(0)).toEqual([shown(mean(5)), shown(1 / 60)]);
      expect(await page.locator('.cursor:visible output:visible').textContent()).toBe('step 60 · epoch 6');
      // All charts show that step, each the nearest of its own points.
      expect(await readOut(1)).toEqual(['0.06']);
      expect(await readOut(2)).toEqual(['25 %']);
      await point(1, 0.999);
      expect(await readOut(0)).toEqual(last);
      await page.mouse.move(1, 1);
      expect(await page.locator('.cursor:visible').count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('puts the dot where the value is', async () => {
      await point(1, 0.5);
      const chart = await plot(1).boundingBox();
      const dot = await page.locator('.chart').nth(1).locator('.dot').boundingBox();
      if (!chart || !dot) throw new Error('nothing to be seen');
      expect(dot.x + dot.width / 2).toBeCloseTo(chart.x + chart.width / 2, -0.5);
      // 0.06 on an axis from 0 to 0.12 and 8 % more.
      expect(dot.y + dot.height / 2).toBeCloseTo(chart.y + chart.height * (1 - 0.06 / 0.1296), -0.5);
    });

    it('can be read with the keyboard alone', async () => {
      await plot(1).focus();
      await page.keyboard.press('Home');
      expect(await plot(1).getAttribute('aria-valuetext')).toBe('step 1 · epoch 0.1, each step 0.001');
      await page.keyboard.press('ArrowRight');
      expect(await readOut(1)).toEqual(['0.002']);
      await page.keyboard.press('PageUp');
      expect(await readOut(1)).toEqual(['0.014']);
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      expect(await readOut(1)).toEqual(['0.119']);
      await page.keyboard.press('Escape');
      expect(await page.locator('.cursor:visible').count()).toBe(0);
    });

    it('has names for its parts, for those who listen to it', async () => {
      await page.getByRole('img', { name: 'A white pixel' }).waitFor();
      await page
        .getByRole('slider', { name: /^Learning rate\. each step: 0\.001 at step 1, 0\.12 at step 120$/ })
        .waitFor();
      for (const name of ['Results', 'Curves', 'Pictures', 'Classification', 'Numbers', 'Spec']) {
        await page.getByRole('region', { name }).waitFor();
      }
      await page.getByRole('table', { name: 'Accuracy by class' }).waitFor();
      expect(await page.locator('table:not(:has(th[scope]))').count()).toBe(0);
    });
  });

  it.each(['light', 'dark'] as const)('has enough contrast in the %s', async (colorScheme) => {
    await open({ colorScheme });
    const texts = [
      'h1',
      '.facts dt',
      '.status strong',
      '.value',
      '.note',
      '.confusion td',
      '.confusion td.strong',
    ];
    for (const selector of texts) {
      const [ink, ...papers] = await page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const backgrounds: string[] = [];
          for (let at: Element | null = element; at; at = at.parentElement)
            backgrounds.push(getComputedStyle(at).backgroundColor);
          return [getComputedStyle(element).color, ...backgrounds];
        });
      // WCAG 2.2, 1.4.3.
      expect({ selector, contrast: contrast(ink ?? '', papers) }).toMatchObject({
        contrast: expect.toSatisfy((ratio: number) => ratio >= 4.5, 'at least 4.5'),
      });
    }
  });

  it('fits a narrow screen and a sheet of paper', async () => {
    await open({ viewport: { width: 360, height: 700 } });
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.setViewportSize({ width: 700, height: 990 });
    expect(await overflow()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
  });
});
