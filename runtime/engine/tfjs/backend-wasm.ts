import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { env } from '@tensorflow/tfjs';
import type { Preparation } from './backends.ts';

/** WebAssembly, from the files of the package itself. It has one thread in Node. */
export async function prepareWasm(): Promise<Preparation> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(main), '/'));
  const simd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const device = simd ? 'WebAssembly with SIMD' : 'WebAssembly without SIMD';
  return { kind: 'ready', device, processor: 'cpu' };
}
