import type { CompiledGraph, CompiledSpec } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import type { OptimizerUpdate, PretrainingBatch, PretrainingEngine, Reconstruction } from '../engine.ts';
import { hasCompiledSettings } from './compiled-settings.ts';
import type { GraphParameters } from './graph-parameters.ts';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.ts';
import { openParameters } from './open-parameters.ts';

/**
 * Opens the compiled training step in ONNX Runtime: on the CPU, with the optimizer in WebAssembly beside it; or on WebGPU, with all
 * that a step needs in the device's memory. Throws an `EngineError` where the device cannot be used.
 */
export async function createOnnxEngine(options: GraphRunnerOptions): Promise<PretrainingEngine> {
  const { spec } = options;
  const runner = await GraphRunner.create(options, named(spec, 'pretrain-gradients'));
  const model = { name: spec.model.name, parameters: spec.parameters };
  return new OnnxEngine(spec, runner, await openParameters(model, runner.runtime));
}

/** The graphs that it runs on a batch's own inputs. */
type RunGraph = 'encoder' | 'masked-autoencoder' | 'pretrain-gradients';

function named({ graphs }: CompiledSpec, name: RunGraph): NamedGraph {
  return { name, graph: graphs[name] };
}

class OnnxEngine extends DelegatedParameters<GraphParameters> implements PretrainingEngine {
  readonly kind = 'onnx';
  readonly #spec: CompiledSpec;
  readonly #runner: GraphRunner;

  constructor(spec: CompiledSpec, runner: GraphRunner, store: GraphParameters) {
    super(store);
    this.#spec = spec;
    this.#runner = runner;
  }

  get description(): string {
    return this.#runner.description;
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const graph = named(this.#spec, 'pretrain-gradients');
    const gradients = this.store.gradientOutputs();
    const sources = { ...batch, lossWeight: weight };
    const fetches = { loss: null, ...gradients };
    const results = await this.#runner.run(graph, sources, this.store.feeds, fetches, Object.keys(gradients));
    await this.store.keepGradients(results);
    return results.scalar('loss');
  }

  async step(batch: PretrainingBatch, update: OptimizerUpdate): Promise<number> {
    const graph = this.#spec.graphs['pretrain-step'];
    const { optimizer } = this.#spec.recipes.pretrain;
    if (this.store.compiledStep && graph && hasCompiledSettings(update, optimizer)) {
      return this.#compiledStep(graph, batch, update);
    }
    const loss = await this.accumulate(batch, 1);
    if (Number.isFinite(loss)) await this.update(update);
    return loss;
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

  async dispose(): Promise<void> {
    await this.store.dispose();
    await this.#runner.dispose();
  }

  /** Forward, backward and AdamW in one run; the loss is all that comes back. */
  async #compiledStep(
    graph: CompiledGraph,
    batch: PretrainingBatch,
    update: OptimizerUpdate,
  ): Promise<number> {
    const step = this.store.compiledStep;
    if (step === undefined) throw new Error('this device has no compiled step');
    const { moments, ...settings } = await step.begin(update);
    const results = await this.#runner.run(
      { name: 'pretrain-step', graph },
      { ...batch, ...settings },
      { ...this.store.feeds, ...moments },
      Object.fromEntries(['loss', ...step.outputs].map((name) => [name, null])),
      step.outputs,
    );
    const loss = results.scalar('loss');
    if (Number.isFinite(loss)) step.take(results);
    else step.discard(results);
    return loss;
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
