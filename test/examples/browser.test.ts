import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSpec } from '../../runtime/model/load-spec.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { writeSafetensors } from '../../runtime/weights/safetensors.ts';
import { waves } from '../data/scratch-folder.ts';
import { findChromium } from '../support/chromium.ts';

const executablePath = findChromium();
const reason =
  executablePath === undefined ? ' (skipped: no Chromium found; CHROMIUM_PATH can name one)' : '';
const configFile = fileURLToPath(new URL('../../examples/browser/vite.config.ts', import.meta.url));
/** Milliseconds: a graphics processor in software takes seconds where nothing else runs. */
const SOON = 60_000;
const generated = fileURLToPath(new URL('../../generated/vit-pico/', import.meta.url));

describe.skipIf(executablePath === undefined)(`the browser example${reason}`, () => {
  let folder: string;
  let server: PreviewServer;
  let browser: Browser;
  let page: Page;
  let address: string;
  /** Everything that the browser complains of, and whatever is asked of another server. */
  let complaints: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mae-browser-'));
    const checkpoint = join(folder, 'checkpoint.safetensors');
    await writeSafetensors(checkpoint, initialParameters(await loadSpec(generated), 7), { step: '1234' });
    process.env.MAE_CHECKPOINT = checkpoint;
    const outDir = join(folder, 'page');
    await build({ configFile, logLevel: 'error', build: { outDir } });
    server = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
    address = server.resolvedUrls?.local[0] ?? '';
    // What headless Chromium offers as a graphics processor is software: seldom there, and right but slow.
    const webgpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', ...webgpu],
    });
  });
  afterAll(async () => {
    delete process.env.MAE_CHECKPOINT;
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(address) && !url.startsWith('blob:') && !url.startsWith('data:'))
        complaints.push(url);
    });
    return () => page.close();
  });

  /** Opens the page, and waits until it shows a reconstruction. */
  async function open(query = ''): Promise<void> {
    await page.goto(address + query);
    await page.locator('#error:text-matches("^error")').waitFor({ timeout: SOON });
  }

  /** What holds soon, however busy the machine is. */
  const soon = <Value>(look: () => Value | Promise<Value>) => expect.poll(look, { timeout: SOON });
  const text = (selector: string) => page.locator(selector).innerText();
  const error = async () => Number((await text('#error')).replace('error ', ''));
  /** How many of a canvas's pixels show something. */
  const shownPixels = (id: string) =>
    page.locator(id).evaluate((canvas: HTMLCanvasElement) => {
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return Array.from(data).filter((value, i) => i % 4 === 3 && value === 255).length;
    });
  const slideTo = (removed: number) => page.locator('#removed').fill(String(removed));
  /** The values behind a picture, as text: whether two pictures are the same. */
  const pictureOf = (id: string) =>
    page.locator(id).evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

  it('masks and rebuilds the sample that is chosen, as the slider says, and says what computes', async () => {
    await open();
    expect(await text('#backend')).toBe('WebAssembly');
    expect(await text('#backend-why')).toMatch(/^\d+ threads?, SIMD\. WebGPU [a-z].*\.$/);
    expect(await text('#weights')).toBe(
      `trained for 1,234 steps (${join(folder, 'checkpoint.safetensors')})`,
    );

    const before = await pictureOf('#original');
    await page.getByRole('button', { name: 'Look at flowers' }).click();
    await soon(() => pictureOf('#original')).not.toBe(before);
    expect(await page.locator('.choose[aria-pressed=true]').getAttribute('title')).toBe('flowers');

    expect(await text('#removed-text')).toBe('48 of 64 patches · 75 %');
    expect(await shownPixels('#masked')).toBe(16 * 64);
    await page.getByRole('slider', { name: 'Hidden' }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await text('#removed-text')).toBe('47 of 64 patches · 73 %');
    await soon(() => shownPixels('#masked')).toBe(17 * 64);
    await slideTo(8);
    await soon(() => shownPixels('#masked')).toBe(56 * 64);
    expect(await shownPixels('#reconstruction')).toBe(64 * 64);

    const masked = await pictureOf('#masked');
    await page.getByRole('button', { name: 'New mask' }).click();
    await soon(() => pictureOf('#masked')).not.toBe(masked);
    expect(await shownPixels('#masked')).toBe(56 * 64);
    expect(complaints).toEqual([]);
  });

  it('learns: the loss and the error of the picture fall, until it is stopped; and forgets', {
    timeout: 2 * SOON,
  }, async () => {
    await open();
    const untrained = await error();
    await page.getByRole('button', { name: 'Train' }).click();
    await soon(async () => Number(await text('#steps'))).toBeGreaterThanOrEqual(12);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Train' }).waitFor();
    const steps = Number(await text('#steps'));
    const course = (await page.locator('#chart').getAttribute('aria-label')) ?? '';
    const [, first = Number.NaN, last = Number.NaN] =
      course.match(/^Loss by step: ([\d.]+) at step 1, ([\d.]+) at step \d+$/)?.map(Number) ?? [];
    expect(last).toBeLessThan(0.9 * first);
    expect(Number(await text('#loss'))).toBeCloseTo(last, 2);
    const points = await page.locator('#chart .each').getAttribute('points');
    expect(points?.split(' ')).toHaveLength(steps);
    await soon(error).toBeLessThan(0.9 * untrained);
    expect(await text('#weights')).toContain(`, and ${steps} steps here`);

    await page.getByRole('button', { name: 'Start over' }).click();
    await soon(error).toBe(untrained);
    expect(await text('#steps')).toBe('0');
    expect(complaints).toEqual([]);
  });

  it('takes pictures and weights that are dropped or chosen, and says which it cannot use', async () => {
    await open();
    const png = await waves(1, 90, 150).png().toBuffer();
    await page.locator('#files').setInputFiles({ name: 'waves.png', mimeType: 'image/png', buffer: png });
    await page.getByRole('button', { name: 'Look at waves.png' }).waitFor();
    expect(await page.locator('.choose').count()).toBe(11);
    expect(await text('#train-note')).toContain('the 11 pictures above');
    await page.getByRole('button', { name: 'Remove waves.png' }).click();
    expect(await page.locator('.choose').count()).toBe(10);

    await drop('waves2.png', png);
    await page.getByRole('button', { name: 'Look at waves2.png' }).waitFor();
    await drop('notes.txt', Buffer.from('no picture'));
    await soon(() => text('#alert')).toContain('notes.txt is no picture that this browser can read.');
    await drop('cut.safetensors', Buffer.from('too short'));
    await soon(() => text('#alert')).toMatch(/^cut\.safetensors cannot be used: .* Choose a checkpoint/);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save weights' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('vit-pico.safetensors');
    const saved = await readFile(await download.path());
    const file = { name: 'mine.safetensors', mimeType: 'application/octet-stream', buffer: saved };
    await page.locator('#checkpoint').setInputFiles(file);
    await soon(() => text('#weights')).toBe('trained (mine.safetensors)');
    expect(await page.locator('#alert').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  /** Drops a file on the page. */
  async function drop(name: string, bytes: Buffer): Promise<void> {
    await page.evaluate(
      ([title, content]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([Uint8Array.from(content)], title));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      },
      [name, [...bytes]] as const,
    );
  }

  it('begins with random weights, and says so, where no checkpoint lies beside it', async () => {
    await page.route('**/weights.json', (route) => route.fulfill({ json: {} }));
    await open();
    expect(await text('#weights')).toMatch(/^random\. .*npm start/);
    expect(await page.locator('#alert').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('rebuilds on WebGPU what it rebuilds elsewhere', { timeout: 3 * SOON }, async ({ skip }) => {
    await page.goto(address);
    const adapter = await page.evaluate(
      async () => 'gpu' in navigator && (await navigator.gpu.requestAdapter()) !== null,
    );
    if (!adapter) skip('this Chromium offers no WebGPU adapter, not even in software');
    await open('?backend=webgpu');
    expect(await text('#backend')).toBe('WebGPU');
    expect(await text('#backend-why')).toContain('The page’s address asks for WebGPU.');
    const onGraphics = { masked: await pictureOf('#masked'), error: await error() };
    await open('?backend=cpu');
    expect(await text('#backend')).toBe('JavaScript');
    expect(await pictureOf('#masked')).toBe(onGraphics.masked);
    // The page shows three digits.
    expect(Math.abs((await error()) - onGraphics.error)).toBeLessThan(0.0015);
    expect(complaints).toEqual([]);
  });

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 340, height: 700 });
    await open();
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBe(0);
  });
});
