import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { KERNELS_WASM } from '../../../runtime/engine/optimizer/kernels-wasm.ts';

test('the bytes are those of the text', () => {
  const script = fileURLToPath(new URL('../../../scripts/build-wasm.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the bytes are a valid module that imports one memory', () => {
  const bytes = Buffer.from(KERNELS_WASM, 'base64');
  expect(WebAssembly.validate(bytes)).toBe(true);
  const compiled = new WebAssembly.Module(bytes);
  expect(WebAssembly.Module.imports(compiled)).toEqual([{ module: 'host', name: 'memory', kind: 'memory' }]);
  expect(WebAssembly.Module.exports(compiled).map(({ name }) => name)).toEqual([
    'adamw',
    'momentum',
    'axpy',
    'squares',
    'decayedSquares',
    'scale',
    'lerp',
    'swap',
    'finite',
  ]);
});
