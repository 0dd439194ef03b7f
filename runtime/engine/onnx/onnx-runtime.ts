import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import type { Device } from '../device.ts';
import { EngineError } from '../engine.ts';
import { PROVIDERS } from './providers.ts';

export type Feeds = Record<string, Tensor>;

export interface OpenSession {
  /** For messages. */
  readonly name: string;
  /** Outputs that stay in the device's memory, where it has one of its own. */
  readonly onDevice?: readonly string[];
  /** A session whose runs may fail: without a word of the library's. */
  readonly quiet?: boolean;
  /** Whether threads without work wait in a loop, which is faster for this session and slower for any beside it; they do if left out. */
  readonly waitsActively?: boolean;
}

type Library = typeof import('onnxruntime-node');

/** ONNX Runtime on one device. */
export class OnnxRuntime {
  readonly device: Device;
  readonly #library: Library;
  readonly #threads: number;

  private constructor(library: Library, device: Device, threads: number) {
    this.#library = library;
    this.device = device;
    this.#threads = threads;
  }

  /** Loads the library, whose native part takes a moment. Threads: one per core unless given. */
  static async load(device: Device, threads = availableParallelism()): Promise<OnnxRuntime> {
    try {
      return new OnnxRuntime(await import('onnxruntime-node'), device, threads);
    } catch (error) {
      throw new EngineError(
        `ONNX Runtime cannot be loaded: ${firstLine(error)}`,
        'install the package again (npm ci), or use --engine tfjs',
      );
    }
  }

  get Tensor(): TensorConstructor {
    return this.#library.Tensor;
  }

  /** For people: the library, its version, the device. `adapter` is the name of a graphics adapter. */
  describe(adapter?: string): string {
    const { versions } = this.#library.env;
    const label = PROVIDERS[this.device].label(this.#threads, adapter);
    return `ONNX Runtime ${versions.node ?? versions.common} ${label}`;
  }

  /**
   * Opens a graph, by its path or as it is. Sequential execution with the memory arena on: parallel execution takes twice as
   * long, and no arena a third longer. Without memory patterns: a second step would take a block for all of its activations
   * beside what the arena holds for those of the first, a quarter of the memory of a ViT-B at batch 8, and be no faster.
   */
  async open(
    model: string | Uint8Array,
    { name, onDevice = [], quiet, waitsActively = true }: OpenSession,
  ): Promise<InferenceSession> {
    const { executionProviders, explainOpening } = PROVIDERS[this.device];
    const options: InferenceSession.SessionOptions = {
      executionProviders,
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      enableMemPattern: false,
      intraOpNumThreads: this.#threads,
      interOpNumThreads: 1,
      logSeverityLevel: quiet ? 4 : 3,
      ...(onDevice.length > 0 && this.device === 'webgpu'
        ? { preferredOutputLocation: Object.fromEntries(onDevice.map((each) => [each, 'gpu-buffer'])) }
        : {}),
      ...(waitsActively ? {} : { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
    };
    try {
      const { InferenceSession } = this.#library;
      if (typeof model === 'string') return await InferenceSession.create(model, options);
      return await InferenceSession.create(model, options);
    } catch (error) {
      const message = firstLine(error);
      const where = typeof model === 'string' ? model : `the graph ${name}`;
      throw (
        explainOpening(message) ??
        new EngineError(
          `ONNX Runtime does not accept ${where}: ${message}`,
          'the file may be damaged: compile the model again with mae-compile spec/ --out generated',
        )
      );
    }
  }

  /** What a run that failed means. */
  explainRun(what: string, error: unknown): EngineError {
    return PROVIDERS[this.device].explainRun(what, firstLine(error));
  }
}

/** What an error says, without the stack of C++ files that ONNX Runtime puts before it. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').replace(/^\/.*was false\. /, '');
}
