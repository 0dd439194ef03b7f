import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const LIBRARY: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libonnxruntime_providers_cuda.so',
  win32: 'onnxruntime_providers_cuda.dll',
};

/** Where onnxruntime-node's install script puts the CUDA provider, which is no part of the package; `undefined` where it is not. */
export function findCudaProvider(): string | undefined {
  const name = LIBRARY[process.platform];
  if (name === undefined) return undefined;
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const path = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch, name);
  return existsSync(path) ? path : undefined;
}
