import type { CompiledSpec } from '../model/compiled-spec.ts';
import type { PretrainingEngine } from './engine.ts';

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
