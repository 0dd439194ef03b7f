import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../engine.ts';

export type Feeds = Record<string, Tensor>;

/** onnxruntime-node, loaded when it is first needed: its native part takes a moment. */
export async function loadOnnxRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EngineError(
      `ONNX Runtime cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
      'install the package again (npm ci), or use --engine tfjs',
    );
  }
}

export function defaultThreads(): number {
  return availableParallelism();
}

/**
 * Opens a compiled graph on the CPU. Sequential execution with the memory arena on: parallel execution takes twice as long,
 * and no arena a third longer.
 */
export async function openSession(path: string, threads: number): Promise<InferenceSession> {
  const { InferenceSession } = await loadOnnxRuntime();
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new EngineError(
      `ONNX Runtime does not accept ${path}: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
      'the file may be damaged: compile the model again with mae-compile spec/ --out generated',
    );
  }
}
