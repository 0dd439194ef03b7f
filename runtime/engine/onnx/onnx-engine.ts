import type { CompiledGraph, CompiledSpec } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import type {
  ChosenPrecision,
  OptimizerUpdate,
  PretrainingBatch,
  PretrainingEngine,
  Reconstruction,
} from '../engine.ts';
import { hasCompiledSettings } from './compiled-settings.ts';
import type { GraphParameters, StepParameters } from './graph-parameters.ts';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.ts';
import { type EngineParts, OnnxTraining, PARTS, presentGraph } from './onnx-training.ts';

/**
 * Opens the compiled training step in ONNX Runtime: on the CPU, with the optimizer in WebAssembly beside it; or on WebGPU, with all
 * that a step needs in the device's memory. Throws an `EngineError` where the device cannot be used.
 */
export async function createOnnxEngine(
  options: GraphRunnerOptions,
  parts: EngineParts = PARTS,
): Promise<PretrainingEngine> {
  const { spec } = options;
  const runner = await GraphRunner.create(options, named(spec, 'pretrain-gradients'));
  const precision = await parts.choosePrecision(spec.recipes.pretrain.precision, runner.runtime);
  const steps = STEPS[precision.type](spec);
  await runner.require(steps.gradients);
  const model = { name: spec.model.name, parameters: spec.parameters };
  const store = await parts.openParameters(model, runner.runtime);
  return new OnnxEngine(spec, runner, store, { precision, steps });
}

/** The graphs that it runs on a batch's own inputs. */
type RunGraph = 'encoder' | 'masked-autoencoder' | 'pretrain-gradients';

function named({ graphs }: CompiledSpec, name: RunGraph): NamedGraph {
  return { name, graph: graphs[name] };
}

/** The graphs that train. */
interface Steps {
  readonly gradients: NamedGraph;
  /** With AdamW inside. */
  readonly whole?: NamedGraph;
}

const STEPS: Readonly<Record<ChosenPrecision['type'], (spec: CompiledSpec) => Steps>> = {
  float32: (spec) => ({
    gradients: named(spec, 'pretrain-gradients'),
    ...wholeStep('pretrain-step', spec.graphs['pretrain-step']),
  }),
  float16: (spec) => ({
    gradients: presentGraph(spec, 'pretrain-gradients-float16', spec.graphs['pretrain-gradients-float16']),
    ...wholeStep('pretrain-step-float16', spec.graphs['pretrain-step-float16']),
  }),
};

function wholeStep(name: string, graph: CompiledGraph | undefined): Pick<Steps, 'whole'> {
  return graph ? { whole: { name, graph } } : {};
}

class OnnxEngine extends OnnxTraining implements PretrainingEngine {
  readonly #spec: CompiledSpec;
  readonly #steps: Steps;

  constructor(
    spec: CompiledSpec,
    runner: GraphRunner,
    store: GraphParameters,
    { precision, steps }: { readonly precision: ChosenPrecision; readonly steps: Steps },
  ) {
    super(runner, store, precision);
    this.#spec = spec;
    this.#steps = steps;
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const gradients = this.store.gradientOutputs();
    const results = await this.untilFinite(
      ({ fetches, ...scale }) =>
        this.runner.run(
          this.#steps.gradients,
          { ...batch, ...scale, lossWeight: weight },
          this.store.feeds,
          { loss: null, ...fetches, ...gradients },
          Object.keys(gradients),
        ),
      (vain) => this.store.discardGradients(vain),
    );
    await this.store.keepGradients(results);
    return results.scalar('loss');
  }

  async step(batch: PretrainingBatch, update: OptimizerUpdate): Promise<number> {
    const { whole } = this.#steps;
    const { compiledStep } = this.store;
    const { optimizer } = this.#spec.recipes.pretrain;
    if (compiledStep && whole && hasCompiledSettings(update, optimizer)) {
      return this.#wholeStep(whole, compiledStep, batch, update);
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
    await this.runner.dispose();
  }

  /** Forward, backward and AdamW in one run; the loss is all that comes back. */
  async #wholeStep(
    graph: NamedGraph,
    step: StepParameters,
    batch: PretrainingBatch,
    update: OptimizerUpdate,
  ): Promise<number> {
    const { moments, ...settings } = await step.begin(update);
    const outputs = Object.fromEntries(['loss', ...step.outputs].map((name) => [name, null]));
    const results = await this.untilFinite(
      ({ fetches, ...scale }) =>
        this.runner.run(
          graph,
          { ...batch, ...settings, ...scale },
          { ...this.store.feeds, ...moments },
          { ...outputs, ...fetches },
          step.outputs,
        ),
      (vain) => step.discard(vain),
    );
    const loss = results.scalar('loss');
    if (Number.isFinite(loss)) {
      step.take(results);
      this.countStep();
    } else {
      step.discard(results);
    }
    return loss;
  }

  #run(
    graph: RunGraph,
    batch: Pick<PretrainingBatch, 'size' | 'images'> & Partial<PretrainingBatch>,
    outputs: readonly string[],
  ) {
    const fetches = Object.fromEntries(outputs.map((name) => [name, null]));
    return this.runner.run(named(this.#spec, graph), batch, this.store.feeds, fetches);
  }
}
