import type { CompiledClassifier, CompiledSpec } from '../model/compiled-spec.ts';
import { type ClassifierEngine, EngineError, type PretrainingEngine } from './engine.ts';

/** What every engine is made from. */
export interface EngineOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json: the compiled graphs and the generated classes are found from here. */
  readonly directory: string;
  /** Threads of the engine; its own choice when left out. An engine that has no such choice ignores it. */
  readonly threads?: number;
}

/** Each engine's library is loaded only when it is asked for. */
const ENGINES = {
  onnx: async (options: EngineOptions): Promise<PretrainingEngine> => {
    const { createOnnxEngine } = await import('./onnx/onnx-engine.ts');
    return createOnnxEngine(options);
  },
  tfjs: async ({ spec, directory }: EngineOptions): Promise<PretrainingEngine> => {
    const { createTfjsEngine } = await import('./tfjs/tfjs-engine.ts');
    return createTfjsEngine({ spec, directory });
  },
};

export type EngineKind = keyof typeof ENGINES;

export const ENGINE_KINDS: readonly EngineKind[] = ['onnx', 'tfjs'];

/** Opens an engine without parameters: load some before a step. Throws an `EngineError` where it cannot run. */
export function openEngine(kind: EngineKind, options: EngineOptions): Promise<PretrainingEngine> {
  return ENGINES[kind](options);
}

/** What a classifier's engine is made from. */
export interface ClassifierEngineOptions extends EngineOptions {
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
}

const CLASSIFIER_ENGINES = {
  onnx: async (options: OpenClassifier): Promise<ClassifierEngine> => {
    const { createOnnxClassifier } = await import('./onnx/classifier-engine.ts');
    return createOnnxClassifier(options);
  },
  tfjs: async (options: OpenClassifier): Promise<ClassifierEngine> => {
    const { createTfjsClassifier } = await import('./tfjs/classifier-engine.ts');
    const { spec, directory, training, classifier } = options;
    return createTfjsClassifier({ spec, directory, training, classifier });
  },
} satisfies Record<EngineKind, unknown>;

interface OpenClassifier extends ClassifierEngineOptions {
  readonly classifier: CompiledClassifier;
}

/** As `openEngine`, of a classifier. Throws an `EngineError` where the spec has none of that training. */
export async function openClassifierEngine(
  kind: EngineKind,
  options: ClassifierEngineOptions,
): Promise<ClassifierEngine> {
  const { spec, training } = options;
  const classifier = spec.classifiers[training];
  if (classifier === undefined) {
    throw new EngineError(
      `${spec.model.name} has no ${training} recipe, so no classifier was compiled for it`,
      `add one to its spec, such as ${training} using mae-${training}, and compile it again`,
    );
  }
  return CLASSIFIER_ENGINES[kind]({ ...options, classifier });
}
