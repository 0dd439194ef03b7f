import {
  type CompiledClassifiers,
  type CompiledGraphs,
  compileClassifiers,
  compileGraphs,
} from './compile-graphs.ts';
import type { GenerationInfo } from './emit/header.ts';
import { formatJson, specData } from './emit/spec-json.ts';
import { emitJavaScript } from './emit/tfjs/emit-javascript.ts';
import { emitModelClasses } from './emit/tfjs/emit-model-classes.ts';
import { emitTrainers } from './emit/trainer.ts';
import type { ModelSpec } from './language/model-spec.ts';
import { classifierGraph } from './model/classifier.ts';
import { linearProbeGraph } from './model/linear-probe.ts';
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
  const classifiers = compileClassifiers(spec);
  const data = specData({ spec, compilerVersion: COMPILER_VERSION, graphs, classifiers });
  const info = { source: spec.source, hash: data.hash, version: COMPILER_VERSION };
  return {
    name: spec.name,
    cost: data.cost,
    files: [
      ...sourceFiles(spec, info),
      ...graphFiles(graphs, classifiers),
      // Last, since it speaks for all the others: if one of them cannot be written, this still is of the old ones.
      { path: 'spec.json', content: formatJson(data) },
    ],
  };
}

/** The classes and the trainers, each as TypeScript to read and as JavaScript to run. */
function sourceFiles(spec: ModelSpec, info: GenerationInfo): GeneratedFile[] {
  const { finetune, linearProbe } = spec;
  const sources = [
    {
      file: 'model',
      text: emitModelClasses([featuresGraph(spec), maskedAutoencoderClassGraph(spec)], info),
    },
    ...(finetune
      ? [
          {
            file: 'classifier',
            text: emitModelClasses(
              [classifierGraph(spec, finetune, 'inference'), classifierGraph(spec, finetune, 'training')],
              info,
            ),
          },
        ]
      : []),
    ...(linearProbe
      ? [
          {
            file: 'linear-classifier',
            text: emitModelClasses(
              [
                linearProbeGraph(spec, linearProbe, 'inference'),
                linearProbeGraph(spec, linearProbe, 'training'),
              ],
              info,
            ),
          },
        ]
      : []),
    ...emitTrainers(spec, info),
  ];
  return sources.flatMap(({ file, text }) => [
    { path: `${file}.ts`, content: text },
    { path: `${file}.js`, content: emitJavaScript(text) },
  ]);
}

function graphFiles(graphs: CompiledGraphs, classifiers: CompiledClassifiers): GeneratedFile[] {
  const { finetune, 'linear-probe': linearProbe } = classifiers;
  return [
    ...Object.values(graphs),
    ...[finetune, linearProbe].flatMap((each) => Object.values(each ?? {})),
  ].map(({ file, bytes }) => ({ path: file, content: bytes }));
}
