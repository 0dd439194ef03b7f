import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { CompiledParameter, CompiledSpec } from '../../model/compiled-spec.ts';
import { type GraphName, graphPath } from '../../model/load-spec.ts';
import { toOfficialLayout, toStoredLayout } from '../../weights/layout.ts';
import { ParameterArena } from '../adamw/parameter-arena.ts';
import {
  type AdamWUpdate,
  EngineError,
  type NamedTensor,
  type OptimizerState,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
} from '../engine.ts';
import { type FeedSources, graphFeeds } from './feeds.ts';
import { defaultThreads, type Feeds, loadOnnxRuntime, openSession } from './session.ts';

export interface OnnxEngineOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json. */
  readonly directory: string;
  readonly threads?: number;
}

/** Opens the compiled training step in ONNX Runtime on the CPU, with AdamW in WebAssembly beside it. */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<PretrainingEngine> {
  const { spec, directory, threads = defaultThreads() } = options;
  const runtime = await loadOnnxRuntime();
  // Tells a missing file now, before any training data is read.
  await graphPath(directory, spec, 'pretrain-gradients');
  return new OnnxEngine(spec, directory, threads, runtime);
}

type Runtime = Awaited<ReturnType<typeof loadOnnxRuntime>>;
type ArrayOf = (name: string) => Float32Array;

class OnnxEngine implements PretrainingEngine {
  readonly kind = 'onnx';
  readonly description: string;
  readonly #spec: CompiledSpec;
  readonly #directory: string;
  readonly #threads: number;
  readonly #runtime: Runtime;
  readonly #trainable: readonly CompiledParameter[];
  readonly #arena: ParameterArena;
  readonly #sessions = new Map<GraphName, InferenceSession>();
  readonly #parameterFeeds: Feeds = {};
  #accumulated = 0;
  #step = 0;

  constructor(spec: CompiledSpec, directory: string, threads: number, runtime: Runtime) {
    this.#spec = spec;
    this.#directory = directory;
    this.#threads = threads;
    this.#runtime = runtime;
    this.#trainable = spec.parameters.filter(({ trainable }) => trainable);
    this.#arena = new ParameterArena(
      spec.parameters.map(({ name, shape, trainable }) => ({ name, elements: product(shape), trainable })),
    );
    for (const { name, storedShape } of spec.parameters) {
      this.#parameterFeeds[name] = new runtime.Tensor('float32', this.#arena.value(name), storedShape);
    }
    const version = runtime.env.versions.node ?? runtime.env.versions.common;
    this.description = `ONNX Runtime ${version} on the CPU, ${threads} thread${threads === 1 ? '' : 's'}, float32`;
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    this.#load(this.#spec.parameters, parameters, (name) => this.#arena.value(name), 'parameter');
  }

  async readParameters(): Promise<NamedTensor[]> {
    return officialCopies(this.#spec.parameters, (name) => this.#arena.value(name));
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    this.#load(this.#trainable, state.firstMoments, (name) => this.#arena.firstMoment(name), 'first moment');
    this.#load(
      this.#trainable,
      state.secondMoments,
      (name) => this.#arena.secondMoment(name),
      'second moment',
    );
    this.#step = state.step;
  }

  async readOptimizerState(): Promise<OptimizerState> {
    return {
      step: this.#step,
      firstMoments: officialViews(this.#trainable, (name) => this.#arena.firstMoment(name)),
      secondMoments: officialViews(this.#trainable, (name) => this.#arena.secondMoment(name)),
    };
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const first = this.#accumulated === 0;
    const destination: ArrayOf = first
      ? (name) => this.#arena.gradient(name)
      : (name) => this.#arena.microBatchGradient(name);
    const fetches: Record<string, Tensor | null> = { loss: null };
    for (const { name, storedShape } of this.#trainable) {
      // Written in place; the copies that the binding returns besides are ignored.
      fetches[`gradient:${name}`] = new this.#runtime.Tensor('float32', destination(name), storedShape);
    }
    const results = await this.#run(
      'pretrain-gradients',
      { ...this.#sources(batch), lossWeight: weight },
      fetches,
    );
    if (!first) {
      for (const { name } of this.#trainable)
        this.#arena.axpy(this.#arena.gradient(name), destination(name), 1);
    }
    this.#accumulated++;
    return floats(results, 'loss')[0] ?? Number.NaN;
  }

  async readGradients(): Promise<NamedTensor[]> {
    if (this.#accumulated === 0) this.#arena.zeroGradients();
    return officialCopies(this.#trainable, (name) => this.#arena.gradient(name));
  }

  async update(update: AdamWUpdate): Promise<void> {
    if (this.#accumulated === 0) throw new EngineError('an update needs gradients: accumulate a batch first');
    this.#accumulated = 0;
    this.#step++;
    const group = (decay: boolean) =>
      this.#trainable.filter((parameter) => parameter.decay === decay).map(({ name }) => name);
    this.#arena.adamw(group(true), { ...update, step: this.#step });
    this.#arena.adamw(group(false), { ...update, weightDecay: 0, step: this.#step });
  }

  async reconstruct(batch: PretrainingBatch): Promise<Reconstruction> {
    const fetches = { loss: null, prediction: null, mask: null };
    const results = await this.#run('masked-autoencoder', this.#sources(batch), fetches);
    return {
      loss: floats(results, 'loss')[0] ?? Number.NaN,
      prediction: floats(results, 'prediction'),
      mask: floats(results, 'mask'),
    };
  }

  async latent(batch: PretrainingBatch): Promise<Float32Array> {
    return floats(await this.#run('masked-autoencoder', this.#sources(batch), { latent: null }), 'latent');
  }

  async features(images: Float32Array, size: number): Promise<Float32Array> {
    return floats(
      await this.#run('encoder', { images, size, prefix: this.#prefix }, { features: null }),
      'features',
    );
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  get #prefix(): number {
    const { classTokens, registers } = this.#spec.model.encoder;
    return classTokens + registers;
  }

  #sources({ size, images, masking }: PretrainingBatch): FeedSources {
    return { size, images, masking, prefix: this.#prefix };
  }

  async #run(graph: GraphName, sources: FeedSources, fetches: Record<string, Tensor | null>) {
    const session = await this.#session(graph);
    const feeds = graphFeeds(this.#runtime.Tensor, this.#spec.graphs[graph], sources);
    try {
      return await session.run({ ...this.#parameterFeeds, ...feeds }, fetches);
    } catch (error) {
      throw new EngineError(
        `the ${graph} graph failed on a batch of ${sources.size}: ${error instanceof Error ? error.message : error}`,
        'if memory ran out, use a smaller --batch, or the same batch with a larger --accumulation',
      );
    }
  }

  async #session(graph: GraphName): Promise<InferenceSession> {
    const open = this.#sessions.get(graph);
    if (open) return open;
    const session = await openSession(await graphPath(this.#directory, this.#spec, graph), this.#threads);
    this.#sessions.set(graph, session);
    return session;
  }

  /** Checks that every tensor is there before it writes any. */
  #load(
    parameters: readonly CompiledParameter[],
    tensors: Iterable<NamedTensor>,
    arrayOf: ArrayOf,
    what: string,
  ): void {
    const given = new Map([...tensors].map((tensor) => [tensor.name, tensor]));
    const pairs = parameters.map((parameter) => {
      const tensor = given.get(parameter.name);
      if (!tensor)
        throw new EngineError(`the ${what} ${parameter.name} of ${this.#spec.model.name} is missing`);
      if (tensor.data.length !== product(parameter.shape)) {
        throw new EngineError(
          `the ${what} ${parameter.name} has shape [${tensor.shape}]; it must be [${parameter.shape}]`,
        );
      }
      return { parameter, tensor };
    });
    for (const { parameter, tensor } of pairs)
      toStoredLayout(parameter, tensor.data, arrayOf(parameter.name));
  }
}

/** Tensors in the official layout that are converted each time they are asked for. */
function officialViews(parameters: readonly CompiledParameter[], arrayOf: ArrayOf): NamedTensor[] {
  return parameters.map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    get data() {
      const data = new Float32Array(product(parameter.shape));
      toOfficialLayout(parameter, arrayOf(parameter.name), data);
      return data;
    },
  }));
}

/** Tensors in the official layout, as they are now. */
function officialCopies(parameters: readonly CompiledParameter[], arrayOf: ArrayOf): NamedTensor[] {
  return officialViews(parameters, arrayOf).map(({ name, shape, data }) => ({ name, shape, data }));
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, side) => total * side, 1);
}

function floats(results: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) throw new EngineError(`the compiled graph yielded no ${name}`);
  return data;
}
