import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** The tests on WebGPU, which the other configuration leaves out: TEST_ADAPTER is `software` (or `gpu`, for the machine's own). */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ['test/engine/**/*.test.ts', 'test/cli/mae-webgpu.test.ts'],
    testNamePattern: /webgpu/i,
    env: { TEST_ADAPTER: process.env.TEST_ADAPTER ?? 'software' },
  },
});
