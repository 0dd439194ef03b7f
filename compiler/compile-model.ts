import { compileGraphs } from './compile-graphs.ts';
import { formatJson, specData, specHash } from './emit/spec-json.ts';
import { emitJavaScript } from './emit/tfjs/emit-javascript.ts';
import { emitModelClasses } from './emit/tfjs/emit-model-classes.ts';
import { emitPretrainer } from './emit/trainer.ts';
import type { ModelSpec } from './language/model-spec.ts';
import { featuresGraph, maskedAutoencoderClassGraph } from './model/masked-autoencoder.ts';
import { COMPILER_VERSION } from './version.ts';

export interface GeneratedFile {
  /** Relative to the model's folder, with forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

export interface GeneratedModel {
  readonly name: string;
  readonly files: readonly GeneratedFile[];
  /** What `spec.json` says of costs. */
  readonly cost: ReturnType<typeof specData>['cost'];
}

/** Everything that is generated for one model. A pure function of the spec: the same bytes on every machine. */
export function compileModel(spec: ModelSpec): GeneratedModel {
  const graphs = compileGraphs(spec);
  const data = specData({ spec, compilerVersion: COMPILER_VERSION, graphs });
  const info = { source: spec.source, hash: specHash(spec), version: COMPILER_VERSION };
  const model = emitModelClasses([featuresGraph(spec), maskedAutoencoderClassGraph(spec)], info);
  const pretrain = emitPretrainer(spec, info);
  return {
    name: spec.name,
    cost: data.cost,
    files: [
      { path: 'model.ts', content: model },
      { path: 'model.js', content: emitJavaScript(model) },
      { path: 'pretrain.ts', content: pretrain },
      { path: 'pretrain.js', content: emitJavaScript(pretrain) },
      ...Object.values(graphs).map(({ file, bytes }) => ({ path: file, content: bytes })),
      // Last, since it speaks for all the others: if one of them cannot be written, this still is of the old ones.
      { path: 'spec.json', content: formatJson(data) },
    ],
  };
}
