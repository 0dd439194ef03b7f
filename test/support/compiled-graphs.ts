import { compileClassifiers, compileGraphs } from '../../compiler/compile-graphs.ts';
import { formatJson, pretrainingData, specData } from '../../compiler/emit/spec-json.ts';
import type { ModelSpec } from '../../compiler/language/model-spec.ts';
import { type CompiledModelFolder, type ModelFile, writeModelFolder } from './model-folder.ts';

/**
 * Compiles a model into a temporary folder, as far as the onnx engine needs it: without generated code, and so without the time that
 * its printer takes to load.
 */
export function compileGraphsToFolder(spec: ModelSpec): Promise<CompiledModelFolder> {
  const graphs = compileGraphs(spec);
  const classifiers = compileClassifiers(spec);
  const { finetune, 'linear-probe': linearProbe } = classifiers;
  const written = [
    ...Object.values(graphs),
    ...[finetune, linearProbe].flatMap((each) => Object.values(each ?? {})),
  ];
  const files = written.map(({ file, bytes }): ModelFile => ({ path: file, content: bytes }));
  const data = specData({ spec, compilerVersion: 'test', pretraining: pretrainingData(graphs), classifiers });
  return writeModelFolder(spec.name, [...files, { path: 'spec.json', content: formatJson(data) }]);
}
