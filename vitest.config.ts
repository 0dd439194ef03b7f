import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Generated classes import the runtime by its public name; here that is the source, not dist/.
  resolve: {
    alias: { 'mae-compiler/tfjs': fileURLToPath(new URL('runtime/engine/tfjs/index.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/plain-output.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    // Models that tests compile lie in a cache folder that Vitest would leave to Node, without the alias.
    server: { deps: { inline: [/mae-compiler-tests/] } },
  },
});
