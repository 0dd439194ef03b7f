import type { CompiledClassifier, CompiledSpec } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import type { Classification, ClassificationBatch, ClassifierEngine } from '../engine.ts';
import { GraphRunner } from './graph-runner.ts';
import { ParameterStore } from './parameter-store.ts';

export interface OnnxClassifierOptions {
  readonly spec: CompiledSpec;
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
  readonly classifier: CompiledClassifier;
  /** Folder of spec.json. */
  readonly directory: string;
  readonly threads?: number;
}

/** Opens a compiled classifier in ONNX Runtime on the CPU, with the optimizer in WebAssembly beside it. */
export async function createOnnxClassifier(options: OnnxClassifierOptions): Promise<ClassifierEngine> {
  const { training, classifier } = options;
  const gradients = { name: `${training}-gradients`, graph: classifier.graphs.gradients };
  return new OnnxClassifier(options, gradients, await GraphRunner.create(options, gradients));
}

class OnnxClassifier extends DelegatedParameters<ParameterStore> implements ClassifierEngine {
  readonly kind = 'onnx';
  readonly #gradients: NamedGraph;
  readonly #classifier: NamedGraph;
  /** What the training graph says the parameters that are statistics become. */
  readonly #states: readonly { readonly output: string; readonly parameter: string }[];
  readonly #runner: GraphRunner;

  constructor(
    { spec, training, classifier }: OnnxClassifierOptions,
    gradients: NamedGraph,
    runner: GraphRunner,
  ) {
    const { parameters, graphs } = classifier;
    super(new ParameterStore({ name: spec.model.name, parameters }, runner.runtime.Tensor));
    this.#gradients = gradients;
    this.#classifier = { name: `${training}-classifier`, graph: graphs.classifier };
    this.#states = gradients.graph.outputs.flatMap(({ name, role, of }) =>
      role === 'state' && of !== undefined ? [{ output: name, parameter: of }] : [],
    );
    this.#runner = runner;
  }

  get description(): string {
    return this.#runner.description;
  }

  async accumulate(batch: ClassificationBatch, weight: number): Promise<number> {
    const fetches = {
      loss: null,
      ...Object.fromEntries(this.#states.map(({ output }) => [output, null])),
      ...this.store.gradientOutputs(),
    };
    const sources = { ...batch, lossWeight: weight };
    const results = await this.#runner.run(this.#gradients, sources, this.store.feeds, fetches);
    const loss = results.scalar('loss');
    // Statistics of a batch whose loss is no number would spoil all that follow.
    if (!Number.isFinite(loss)) return loss;
    this.store.keepGradients();
    for (const { output, parameter } of this.#states) this.store.setState(parameter, results.floats(output));
    return loss;
  }

  async classify(images: Float32Array, size: number): Promise<Classification> {
    const fetches = { logits: null, features: null };
    const results = await this.#runner.run(this.#classifier, { size, images }, this.store.feeds, fetches);
    return { logits: results.floats('logits'), features: results.floats('features') };
  }

  dispose(): Promise<void> {
    return this.#runner.dispose();
  }
}
