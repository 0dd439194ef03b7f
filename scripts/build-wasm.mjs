// Assembles the optimizer's WebAssembly text into a TypeScript file that holds its bytes; with --check only compares that file.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const folder = new URL('../runtime/engine/adamw/', import.meta.url);

const target = fileURLToPath(new URL('adamw-wasm.ts', folder));

const { parseWat } = await wabt();
const text = parseWat('adamw.wat', readFileSync(new URL('adamw.wat', folder), 'utf8'), { simd: true });
text.resolveNames();
text.validate();
const base64 = Buffer.from(text.toBinary({}).buffer).toString('base64');
const source = `// Generated from adamw.wat by scripts/build-wasm.mjs. Do not edit.

/** The WebAssembly module's bytes, base64. */
export const ADAMW_WASM =
  '${base64}';
`;

if (!process.argv.includes('--check')) writeFileSync(target, source);
else if (readFileSync(target, 'utf8') !== source) {
  console.error('adamw-wasm.ts is not what adamw.wat makes: run npm run build:wasm');
  process.exitCode = 1;
}
