import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { checkpointBeside } from './checkpoint-beside.ts';
import { threadedWasm } from './threaded-wasm.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** What lets WebAssembly use several threads: https://web.dev/articles/coop-coep. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // So that what is built runs in any folder of any server.
  base: './',
  plugins: [checkpointBeside(process.env.MAE_CHECKPOINT ?? 'runs/first-run/checkpoint.safetensors', project)],
  // The compiled classes import the runtime by its public name; here that is the source.
  resolve: { alias: { 'mae-compiler/tfjs': `${project}runtime/engine/tfjs/index.ts` } },
  // Known beforehand, or the development server would find them late and reload the page.
  optimizeDeps: {
    include: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-webgpu', 'zod'],
  },
  server: { headers, fs: { allow: [project] } },
  preview: { headers },
  worker: { format: 'es', plugins: () => [threadedWasm()] },
  build: { target: 'es2023', emptyOutDir: true, chunkSizeWarningLimit: 4000 },
});
