import { createRequire } from 'node:module';
import type { BackendName } from '../../runtime/engine/tfjs/backends.ts';
import { hasTestAdapter } from './graphics-adapter.ts';

/** The tfjs backends that tests run on here: WebGPU where there is an adapter, TensorFlow where its package is installed. */
export async function testedBackends(): Promise<BackendName[]> {
  return [
    'cpu',
    'wasm',
    ...((await hasTestAdapter()) ? (['webgpu'] as const) : []),
    ...(isInstalled('@tensorflow/tfjs-node') || isInstalled('@tensorflow/tfjs-node-gpu')
      ? (['tensorflow'] as const)
      : []),
  ];
}

export function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
