import { describe, expect, it } from 'vitest';
import { prepareTensorflow } from '../../../runtime/engine/tfjs/backend-tensorflow.ts';
import { BACKEND_NAMES, BACKENDS, openBackend } from '../../../runtime/engine/tfjs/backends.ts';
import { isInstalled } from '../../support/tfjs-backends.ts';

const GPU = '@tensorflow/tfjs-node-gpu';
const CPU = '@tensorflow/tfjs-node';

/** Packages by name: absent ones are not installed, the others fail to load with this error. */
const loaderOf = (packages: Readonly<Record<string, Error>>) => ({
  resolve(name: string) {
    if (!(name in packages)) throw new Error(`Cannot find module '${name}'`);
    return name;
  },
  load: (name: string) => Promise.reject(packages[name]),
});

describe('the TensorFlow backend', () => {
  it('is not installed where neither package is', async () => {
    expect(await prepareTensorflow(loaderOf({}))).toEqual({
      kind: 'not installed',
      reason: `neither ${GPU} nor ${CPU} is installed`,
      help: `npm install ${GPU} on a machine with CUDA 11, npm install ${CPU} on others`,
    });
  });

  it('tells a missing native part', async () => {
    const message =
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x/lib/napi-v8';
    expect(await prepareTensorflow(loaderOf({ [CPU]: new Error(message) }))).toEqual({
      kind: 'broken',
      reason: `${CPU} is installed without its native part`,
      help: `its install script did not run or had no network: npm rebuild ${CPU}, with install scripts allowed`,
    });
  });

  it('tells a library that cannot be loaded', async () => {
    const message = 'libcudart.so.11.0: cannot open shared object file: No such file or directory\nmore';
    const error = Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' });
    const preparation = await prepareTensorflow(loaderOf({ [GPU]: error }));
    expect(preparation).toMatchObject({
      kind: 'broken',
      reason: `a library that ${GPU} needs cannot be loaded: ${message.split('\n')[0]}`,
    });
  });

  it('tells any other failure by its first line', async () => {
    const preparation = await prepareTensorflow(loaderOf({ [GPU]: new Error('boom\nat somewhere') }));
    expect(preparation).toMatchObject({ kind: 'broken', reason: `${GPU} does not load: boom` });
  });

  it('gives back the utilities that tfjs-node calls and newer Nodes lack', async () => {
    const { default: util } = await import('node:util');
    await prepareTensorflow(loaderOf({ [GPU]: new Error('boom') }));
    expect(util.isNullOrUndefined(undefined)).toBe(true);
    expect(util.isNullOrUndefined(0)).toBe(false);
  });
});

describe('backends', () => {
  it('are listed as they are preferred', () => {
    expect([...BACKEND_NAMES]).toEqual(Object.keys(BACKENDS));
  });

  it('are shared by all that ask for the same one, and replaced when all have closed it', async () => {
    const [first, second] = await Promise.all([openBackend('cpu'), openBackend('cpu')]);
    first.close();
    first.close();
    await expect(openBackend('wasm')).rejects.toThrow('an engine on the tfjs backend cpu is open');
    const third = await openBackend();
    expect(third.description).toBe(first.description);
    second.close();
    third.close();
    const wasm = await openBackend('wasm');
    expect(wasm.description).toMatch(/^TensorFlow\.js [\d.]+, backend wasm: WebAssembly with(out)? SIMD$/);
    wasm.close();
  });

  it.skipIf([GPU, CPU].some(isInstalled))('say why the one that was asked for cannot be used', async () => {
    const opened = openBackend('tensorflow');
    await expect(opened).rejects.toThrow('the tfjs backend tensorflow cannot be used: neither');
    await expect(opened).rejects.toMatchObject({ help: expect.stringContaining('npm install') });
    (await openBackend('cpu')).close();
  });
});
