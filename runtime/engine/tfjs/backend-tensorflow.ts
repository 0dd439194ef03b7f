import { createRequire } from 'node:module';
import util from 'node:util';
import { backend, findBackend, setBackend } from '@tensorflow/tfjs';
import type { Preparation, Processor } from './backends.ts';

/** TensorFlow's own library, bound to Node. Neither package is a dependency of this one: both fetch hundreds of megabytes. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface PackageLoader {
  /** Throws when the package is not installed. */
  resolve(name: string): string;
  load(name: string): Promise<unknown>;
}

const require = createRequire(import.meta.url);
const NODE_LOADER: PackageLoader = {
  resolve: (name) => require.resolve(name),
  load: (name) => import(name),
};

/** Loads the first of the two packages that works; the one for GPUs is tried first. */
export async function prepareTensorflow(loader: PackageLoader = NODE_LOADER): Promise<Preparation> {
  const problems: Preparation[] = [];
  for (const name of PACKAGES) {
    const preparation = await preparePackage(name, loader);
    if (preparation.kind === 'ready') return preparation;
    if (preparation.kind === 'broken') problems.push(preparation);
  }
  return (
    problems[0] ?? {
      kind: 'not installed',
      reason: `neither ${PACKAGES.join(' nor ')} is installed`,
      help: `npm install ${PACKAGES[0]} on a machine with CUDA 11, npm install ${PACKAGES[1]} on others`,
    }
  );
}

async function preparePackage(name: string, loader: PackageLoader): Promise<Preparation> {
  try {
    loader.resolve(name);
  } catch {
    return { kind: 'not installed', reason: `${name} is not installed`, help: `npm install ${name}` };
  }
  restoreRemovedUtilities();
  // TensorFlow logs to standard error below the level of errors unless told.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  try {
    await loader.load(name);
  } catch (error) {
    return { kind: 'broken', ...explainLoading(name, error) };
  }
  if (!findBackend('tensorflow')) {
    return {
      kind: 'broken',
      reason: `${name} brings another copy of @tensorflow/tfjs-core`,
      help: `install the version of ${name} that equals the one of @tensorflow/tfjs`,
    };
  }
  return { kind: 'ready', ...(await deviceInUse(name)) };
}

/** Called by tfjs-node; Node 23 and later have them no more. */
function restoreRemovedUtilities(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, utility] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: utility, configurable: true });
  }
}

/** tfjs-node-gpu falls back to TensorFlow's CPU kernels silently, so it has to be asked. */
async function deviceInUse(name: string): Promise<{ device: string; processor: Processor }> {
  await setBackend('tensorflow');
  const tensorflow: object = backend();
  const onGpu = 'isUsingGpuDevice' in tensorflow && tensorflow.isUsingGpuDevice === true;
  return onGpu
    ? { device: `${name}, on the GPU`, processor: 'gpu' }
    : { device: `${name}, on the CPU: TensorFlow lists no GPU`, processor: 'cpu' };
}

/** Why an installed package does not load. */
function explainLoading(name: string, error: unknown): { readonly reason: string; readonly help: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const firstLine = message.split('\n')[0] ?? '';
  if (code === 'ERR_DLOPEN_FAILED') {
    return {
      reason: `a library that ${name} needs cannot be loaded: ${firstLine}`,
      help: 'install that library (tfjs-node-gpu 4.22 wants CUDA 11.2 and cuDNN 8.1), or put its folder on LD_LIBRARY_PATH',
    };
  }
  if (message.includes('tfjs_binding.node')) {
    return {
      reason: `${name} is installed without its native part`,
      help: `its install script did not run or had no network: npm rebuild ${name}, with install scripts allowed`,
    };
  }
  return { reason: `${name} does not load: ${firstLine}`, help: `npm rebuild ${name}` };
}
