import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GeneratedModel } from '../compile-model.ts';
import type { ModelSpec } from '../language/model-spec.ts';

/** Makes the files of a model. */
export type Generate = (spec: ModelSpec) => GeneratedModel;

/** What generates code takes time to load, and is needed only where something is generated. */
export type LoadGenerator = () => Promise<Generate>;

export const loadGenerator: LoadGenerator = async () => (await import('../compile-model.ts')).modelCompiler();

/** What became of a spec, and the time that it took, that of loading left out. */
export interface GeneratedRow {
  readonly spec: ModelSpec;
  readonly model: GeneratedModel;
  readonly seconds: number;
}

/** Generates models and yields them in the order of their specs. Between two there is time for other things, such as ctrl-C. */
export async function* generateModels(
  specs: readonly ModelSpec[],
  load: LoadGenerator,
): AsyncGenerator<GeneratedRow> {
  if (specs.length === 0) return;
  const generate = await load();
  for (const spec of specs) {
    await nextTurn();
    const start = performance.now();
    const model = generate(spec);
    yield { spec, model, seconds: (performance.now() - start) / 1000 };
  }
}
