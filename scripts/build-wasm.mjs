// Assembles the optimizers' WebAssembly text into a TypeScript file that holds its bytes; with --check only compares that file.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const folder = new URL('../runtime/engine/optimizer/', import.meta.url);

const target = fileURLToPath(new URL('kernels-wasm.ts', folder));

const { parseWat } = await wabt();
const text = parseWat('kernels.wat', readFileSync(new URL('kernels.wat', folder), 'utf8'), { simd: true });
text.resolveNames();
text.validate();
const base64 = Buffer.from(text.toBinary({}).buffer).toString('base64');
const source = `// Generated from kernels.wat by scripts/build-wasm.mjs. Do not edit.

/** The WebAssembly module's bytes, base64. */
export const KERNELS_WASM =
  '${base64}';
`;

if (!process.argv.includes('--check')) writeFileSync(target, source);
else if (readFileSync(target, 'utf8') !== source) {
  console.error('kernels-wasm.ts is not what kernels.wat makes: run npm run build:wasm');
  process.exitCode = 1;
}
