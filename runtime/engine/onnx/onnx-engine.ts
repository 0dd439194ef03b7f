import type { CompiledSpec } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import type { PretrainingBatch, PretrainingEngine, Reconstruction } from '../engine.ts';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.ts';
import { ParameterStore } from './parameter-store.ts';

/** Opens the compiled training step in ONNX Runtime on the CPU, with the optimizer in WebAssembly beside it. */
export async function createOnnxEngine(options: GraphRunnerOptions): Promise<PretrainingEngine> {
  const runner = await GraphRunner.create(options, named(options.spec, 'pretrain-gradients'));
  return new OnnxEngine(options.spec, runner);
}

/** The graphs that it runs; the compiled step with an optimizer inside is for others. */
type RunGraph = Exclude<keyof CompiledSpec['graphs'], 'pretrain-step'>;

function named({ graphs }: CompiledSpec, name: RunGraph): NamedGraph {
  return { name, graph: graphs[name] };
}

class OnnxEngine extends DelegatedParameters<ParameterStore> implements PretrainingEngine {
  readonly kind = 'onnx';
  readonly #spec: CompiledSpec;
  readonly #runner: GraphRunner;

  constructor(spec: CompiledSpec, runner: GraphRunner) {
    super(new ParameterStore({ name: spec.model.name, parameters: spec.parameters }, runner.runtime.Tensor));
    this.#spec = spec;
    this.#runner = runner;
  }

  get description(): string {
    return this.#runner.description;
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const graph = named(this.#spec, 'pretrain-gradients');
    const fetches = { loss: null, ...this.store.gradientOutputs() };
    const sources = { ...batch, lossWeight: weight };
    const results = await this.#runner.run(graph, sources, this.store.feeds, fetches);
    this.store.keepGradients();
    return results.scalar('loss');
  }

  async reconstruct(batch: PretrainingBatch): Promise<Reconstruction> {
    const results = await this.#run('masked-autoencoder', batch, ['loss', 'prediction', 'mask']);
    return {
      loss: results.scalar('loss'),
      prediction: results.floats('prediction'),
      mask: results.floats('mask'),
    };
  }

  async latent(batch: PretrainingBatch): Promise<Float32Array> {
    return (await this.#run('masked-autoencoder', batch, ['latent'])).floats('latent');
  }

  async features(images: Float32Array, size: number): Promise<Float32Array> {
    return (await this.#run('encoder', { images, size }, ['features'])).floats('features');
  }

  dispose(): Promise<void> {
    return this.#runner.dispose();
  }

  #run(
    graph: RunGraph,
    batch: Pick<PretrainingBatch, 'size' | 'images'> & Partial<PretrainingBatch>,
    outputs: readonly string[],
  ) {
    const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
    return this.#runner.run(named(this.#spec, graph), batch, this.store.feeds, fetches);
  }
}
