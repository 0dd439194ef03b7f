import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileModel } from '../../compiler/compile-model.ts';
import { compileSources } from '../../compiler/language/compile-sources.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';

/** The one model of a spec's text. */
export function modelOf(text: string): ModelSpec {
  const { models, diagnostics } = compileSources(['point.mae'], {
    read: () => text,
    resolve: (_, imported) => imported,
  });
  const [model] = models;
  if (model === undefined) throw new Error(diagnostics[0]?.message ?? 'no model');
  return model;
}

export interface Compilation {
  /** Processor seconds of the fastest of the compilations. */
  readonly seconds: number;
  /** Of everything that is generated. */
  readonly bytes: number;
}

/** Compiles a model so many times, and writes what is generated into a folder. */
export function compilePoint(model: ModelSpec, folder: string, rounds: number): Compilation {
  let seconds = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    const { files } = compileModel(model);
    const { user, system } = process.cpuUsage(before);
    seconds = Math.min(seconds, (user + system) / 1e6);
    bytes = files.reduce((sum, { content }) => sum + content.length, 0);
    for (const { path, content } of round === 0 ? files : []) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
  return { seconds, bytes };
}
