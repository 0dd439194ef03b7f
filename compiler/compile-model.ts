import { type CompiledClassifiers, compileClassifiers, graphMetadata } from './compile-graphs.ts';
import type { GenerationInfo } from './emit/header.ts';
import { labelled } from './emit/onnx/encode-model.ts';
import type { StepMemory } from './emit/report/memory-table.ts';
import { formatJson, type SpecData, specData } from './emit/spec-json.ts';
import { emitJavaScript } from './emit/tfjs/emit-javascript.ts';
import { emitModelClasses } from './emit/tfjs/emit-model-classes.ts';
import { emitTrainers } from './emit/trainer.ts';
import { type MemoryCost, totalBytes, trainingMemory } from './emit/training-memory.ts';
import type { ModelSpec, TrainingRecipe } from './language/model-spec.ts';
import type { Training } from './language/schema/key-entry.ts';
import {
  classifierClassGraphs,
  linearProbeClassGraphs,
  pretrainingClassGraphs,
} from './model/class-graphs.ts';
import { SharedGraphs } from './shared-graphs.ts';
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
  /** What a step of each of its trainings needs. */
  readonly memory: readonly StepMemory[];
}

/** Everything that is generated for one model. A pure function of the spec: the same bytes on every machine. */
export function compileModel(spec: ModelSpec): GeneratedModel {
  return modelCompiler()(spec);
}

/** `compileModel` for many models: what several of them have in common is made once, and all else as for one. */
export function modelCompiler(): (spec: ModelSpec) => GeneratedModel {
  const shared = new SharedGraphs();
  return (spec) => generateFiles(spec, shared);
}

function generateFiles(spec: ModelSpec, shared: SharedGraphs): GeneratedModel {
  const metadataOf = graphMetadata(spec);
  const pretraining = shared.pretraining(spec);
  const classifiers = compileClassifiers(spec);
  const data = specData({
    spec,
    compilerVersion: COMPILER_VERSION,
    pretraining: pretraining.data,
    classifiers,
  });
  const info = { source: spec.source, hash: data.hash, version: COMPILER_VERSION };
  return {
    name: spec.name,
    cost: data.cost,
    memory: stepMemories(data),
    files: [
      ...sourceFiles(spec, info),
      ...pretraining.files.map(({ graph, file, unlabelled }) => ({
        path: file,
        content: labelled(unlabelled, metadataOf(graph)),
      })),
      ...classifierFiles(classifiers),
      // Last, since it speaks for all the others: if one of them cannot be written, this still is of the old ones.
      { path: 'spec.json', content: formatJson(data) },
    ],
  };
}

/** What a step of each training needs, by the recipes of the spec. */
function stepMemories({ cost, recipes, classifiers }: SpecData): StepMemory[] {
  const { finetune, 'linear-probe': probe } = classifiers;
  return [
    stepMemory('pretrain', recipes.pretrain, cost),
    ...(finetune && recipes.finetune ? [stepMemory('finetune', recipes.finetune, finetune.cost)] : []),
    ...(probe && recipes['linear-probe']
      ? [stepMemory('linear-probe', recipes['linear-probe'], probe.cost)]
      : []),
  ];
}

function stepMemory(
  training: Training,
  recipe: TrainingRecipe,
  cost: MemoryCost & { readonly recomputingActivationBytes: number },
): StepMemory {
  const { trainingActivationBytes, recomputingActivationBytes } = cost;
  const recomputing = { ...cost, trainingActivationBytes: recomputingActivationBytes };
  const memory = trainingMemory(cost, recipe);
  return {
    training,
    pictures: recipe.batch / recipe.accumulation,
    memory,
    ...(recomputingActivationBytes < trainingActivationBytes
      ? { recomputing: totalBytes(trainingMemory(recomputing, recipe)) }
      : {}),
  };
}

/** The classes and the trainers, each as TypeScript to read and as JavaScript to run. */
function sourceFiles(spec: ModelSpec, info: GenerationInfo): GeneratedFile[] {
  const { finetune, linearProbe } = spec;
  const sources = [
    {
      file: 'model',
      text: emitModelClasses(pretrainingClassGraphs(spec), info),
    },
    ...(finetune
      ? [
          {
            file: 'classifier',
            text: emitModelClasses(classifierClassGraphs(spec, finetune), info),
          },
        ]
      : []),
    ...(linearProbe
      ? [
          {
            file: 'linear-classifier',
            text: emitModelClasses(linearProbeClassGraphs(spec, linearProbe), info),
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

function classifierFiles({ finetune, 'linear-probe': probe }: CompiledClassifiers): GeneratedFile[] {
  return [finetune, probe]
    .flatMap((graphs) => Object.values(graphs ?? {}))
    .map(({ file, bytes }) => ({ path: file, content: bytes }));
}
