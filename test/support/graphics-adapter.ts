import { existsSync } from 'node:fs';
import { type AdapterSearch, findAdapter } from '../../runtime/engine/webgpu/adapter.ts';

/** Where Debian's and Ubuntu's Chromium keep the description of SwiftShader, a graphics adapter in software. */
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
];

/**
 * The adapter for tests: Chromium's in software where there is one, so that results are the same everywhere. TEST_ADAPTER=gpu in
 * the environment leaves the choice to the machine. It has to be called before anything else looks for adapters.
 */
export async function testAdapter(): Promise<AdapterSearch> {
  const driver = SWIFTSHADER.find((path) => existsSync(path));
  if (driver !== undefined && process.env.TEST_ADAPTER !== 'gpu') {
    process.env.VK_DRIVER_FILES = driver;
    process.env.VK_ICD_FILENAMES = driver;
  }
  return findAdapter();
}

/**
 * Whether tests run on WebGPU here. An adapter in software takes minutes for what a processor does in seconds, so that they have
 * a command of their own, `npm run test:webgpu`, which says so in TEST_ADAPTER. Where they should run and cannot, says why once.
 */
export async function hasTestAdapter(): Promise<boolean> {
  if (process.env.TEST_ADAPTER === undefined) return false;
  const search = await testAdapter();
  if (search.kind === 'found') return true;
  console.warn(`tests on WebGPU are skipped: ${search.reason} (${search.help})`);
  return false;
}
