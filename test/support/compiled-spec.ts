import { compileClassifiers, compileGraphs } from '../../compiler/compile-graphs.ts';
import { formatJson, pretrainingData, specData } from '../../compiler/emit/spec-json.ts';
import { type CompiledSpec, compiledSpecSchema } from '../../runtime/model/compiled-spec.ts';
import { modelSpec, type SpecOptions } from './specs.ts';

/** The text of a model's `spec.json`. */
export function specJsonOf(options: SpecOptions): string {
  const spec = modelSpec(options);
  const graphs = compileGraphs(spec);
  return formatJson(
    specData({
      spec,
      compilerVersion: '1',
      pretraining: pretrainingData(graphs),
      classifiers: compileClassifiers(spec),
    }),
  );
}

/** What is read of it; there are no files of its graphs. */
export function compiledSpec(options: SpecOptions): CompiledSpec {
  return compiledSpecSchema.parse(JSON.parse(specJsonOf(options)));
}
