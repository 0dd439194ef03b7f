// Assembles WebAssembly text into TypeScript files that hold its bytes; with --check only compares those files.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const TEXTS = ['runtime/engine/optimizer/kernels.wat', 'runtime/data/kernels/lines.wat'];

const root = fileURLToPath(new URL('../', import.meta.url));
const { parseWat } = await wabt();
for (const path of TEXTS) {
  const name = basename(path, '.wat');
  const text = parseWat(`${name}.wat`, readFileSync(root + path, 'utf8'), { simd: true });
  text.resolveNames();
  text.validate();
  const base64 = Buffer.from(text.toBinary({}).buffer).toString('base64');
  const source = `// Generated from ${name}.wat by scripts/build-wasm.mjs. Do not edit.

/** The WebAssembly module's bytes, base64. */
export const ${name.toUpperCase()}_WASM =
  '${base64}';
`;
  const target = path.replace(/\.wat$/, '-wasm.ts');
  if (!process.argv.includes('--check')) writeFileSync(root + target, source);
  else if (readFileSync(root + target, 'utf8') !== source) {
    console.error(`${target} is not what ${name}.wat makes: run npm run build:wasm`);
    process.exitCode = 1;
  }
}
