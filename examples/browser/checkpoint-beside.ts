import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const WEIGHTS = 'weights/checkpoint.safetensors';
const DEPOSIT = 'weights/weights.json';

/**
 * A Vite plugin that puts a run's checkpoint beside the page, and a file that names it: without a checkpoint that file is an empty
 * object, and the page begins with random weights. The development server looks at every request, so that a run that
 * ends while it serves is found by the next reload.
 *
 * @param path The checkpoint, relative to `folder`.
 */
export function checkpointBeside(path: string, folder: string): Plugin {
  const file = resolve(folder, path);
  const deposit = () => JSON.stringify(existsSync(file) ? { file: path } : {});
  return {
    name: 'checkpoint-beside',
    configureServer(server) {
      server.middlewares.use(`/${DEPOSIT}`, (_, response) => {
        response.setHeader('Content-Type', 'application/json');
        response.end(deposit());
      });
      server.middlewares.use(`/${WEIGHTS}`, (_, response, next) => {
        if (!existsSync(file)) return next();
        response.setHeader('Content-Type', 'application/octet-stream');
        response.end(readFileSync(file));
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: DEPOSIT, source: deposit() });
      if (existsSync(file)) this.emitFile({ type: 'asset', fileName: WEIGHTS, source: readFileSync(file) });
    },
  };
}
