// Puts what the commands load into few files: hundreds of small ones, most of the parser library's, take longer to find than to run.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist/`;

/** Where commands begin; each stays where it is, and shares chunks with the others. */
const entries = ['cli/mae', 'compiler/cli/mae-compile', 'compiler/server/main'];

/** Libraries of many files. The others stay packages of their own: what the runtime uses too must be the same module for both. */
const inlined = ['chevrotain', /^@chevrotain\//, 'lodash-es', 'zod', '@noble/hashes'];

/** Bundles the commands of dist/ in place. */
export async function bundleCommands() {
  rmSync(`${dist}chunks`, { recursive: true, force: true });
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: inlined },
    build: {
      ssr: true,
      target: 'node20',
      outDir: dist,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(entries.map((entry) => [entry, `${dist}${entry}.js`])),
        // The runtime finds its workers and its WebAssembly beside its own files.
        external: (id) => id.startsWith(`${dist}runtime/`),
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
}
