import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CompiledSpec } from '../../model/compiled-spec.ts';
import { graphPath, type NamedGraph } from '../../model/load-spec.ts';
import type { Device } from '../device.ts';
import { EngineError } from '../engine.ts';
import { findAdapter } from '../webgpu/adapter.ts';
import { type FeedSources, graphFeeds } from './feeds.ts';
import { type Feeds, OnnxRuntime } from './onnx-runtime.ts';

export interface GraphRunnerOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json. */
  readonly directory: string;
  readonly threads?: number;
  /** The CPU unless given. */
  readonly device?: Device;
}

/** Runs the compiled graphs of one model in ONNX Runtime on one device; each is opened when it is first run. */
export class GraphRunner {
  readonly runtime: OnnxRuntime;
  /** For people: the library, its version, the device, the threads. */
  readonly description: string;
  readonly #spec: CompiledSpec;
  readonly #directory: string;
  readonly #sessions = new Map<string, InferenceSession>();

  private constructor({ spec, directory }: GraphRunnerOptions, runtime: OnnxRuntime, description: string) {
    this.runtime = runtime;
    this.description = description;
    this.#spec = spec;
    this.#directory = directory;
  }

  /** Loads the library; tells whether the `needed` graph is missing now, before any training data is read. */
  static async create(options: GraphRunnerOptions, needed: NamedGraph): Promise<GraphRunner> {
    const { device = 'cpu', threads, directory, spec } = options;
    const runtime = await OnnxRuntime.load(device, threads);
    await graphPath(directory, spec, needed);
    return new GraphRunner(options, runtime, await describeRuntime(runtime));
  }

  /** Tells whether a graph is missing before it is run. */
  async require(needed: NamedGraph): Promise<void> {
    await graphPath(this.#directory, this.#spec, needed);
  }

  /**
   * Runs a graph on one batch; `parameters` are fed beside what the batch gives. Outputs named by `onDevice` stay in the device's
   * memory; for one graph they are always the same.
   */
  async run(
    named: NamedGraph,
    sources: Omit<FeedSources, 'prefix'>,
    parameters: Readonly<Feeds>,
    fetches: Record<string, Tensor | null>,
    onDevice: readonly string[] = [],
  ): Promise<GraphResults> {
    const session = await this.#session(named, onDevice);
    const prefix = this.#spec.tokens.prefix;
    const feeds = graphFeeds(this.runtime.Tensor, named.graph, { ...sources, prefix });
    try {
      return new GraphResults(await session.run({ ...parameters, ...feeds }, fetches));
    } catch (error) {
      throw this.runtime.explainRun(`the ${named.name} graph failed on a batch of ${sources.size}`, error);
    }
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  async #session(named: NamedGraph, onDevice: readonly string[]): Promise<InferenceSession> {
    const open = this.#sessions.get(named.name);
    if (open) return open;
    const path = await graphPath(this.#directory, this.#spec, named);
    const session = await this.runtime.open(path, { name: named.name, onDevice });
    this.#sessions.set(named.name, session);
    return session;
  }
}

/**
 * One line for people: the library, its version, the device, the threads. ONNX Runtime does not tell which graphics adapter it took;
 * it is the one that WebGPU prefers.
 */
export async function describeRuntime(runtime: OnnxRuntime): Promise<string> {
  if (runtime.device !== 'webgpu') return runtime.describe();
  const search = await findAdapter();
  return runtime.describe(search.kind === 'found' ? search.adapter.description : undefined);
}

/** What a graph gave. */
export class GraphResults {
  readonly #values: InferenceSession.OnnxValueMapType;

  constructor(values: InferenceSession.OnnxValueMapType) {
    this.#values = values;
  }

  /** An output, wherever it is. */
  tensor(name: string): Tensor {
    const tensor = this.#values[name];
    if (tensor === undefined) throw new EngineError(`the compiled graph yielded no ${name}`);
    return tensor;
  }

  floats(name: string): Float32Array {
    const { data } = this.tensor(name);
    if (!(data instanceof Float32Array)) throw new EngineError(`the compiled graph yielded no ${name}`);
    return data;
  }

  /** The number of a scalar. */
  scalar(name: string): number {
    return this.floats(name)[0] ?? Number.NaN;
  }
}
