import type { CompiledClassifier } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import type { Classification, ClassificationBatch, ClassifierEngine } from '../engine.ts';
import type { GraphParameters } from './graph-parameters.ts';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.ts';
import { openParameters } from './open-parameters.ts';

export interface OnnxClassifierOptions extends GraphRunnerOptions {
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
  readonly classifier: CompiledClassifier;
}

/** Opens a compiled classifier in ONNX Runtime; devices and errors as of `createOnnxEngine`. */
export async function createOnnxClassifier(options: OnnxClassifierOptions): Promise<ClassifierEngine> {
  const { spec, training, classifier } = options;
  const gradients = { name: `${training}-gradients`, graph: classifier.graphs.gradients };
  const runner = await GraphRunner.create(options, gradients);
  const model = { name: spec.model.name, parameters: classifier.parameters };
  return new OnnxClassifier(options, gradients, runner, await openParameters(model, runner.runtime));
}

class OnnxClassifier extends DelegatedParameters<GraphParameters> implements ClassifierEngine {
  readonly kind = 'onnx';
  readonly #gradients: NamedGraph;
  readonly #classifier: NamedGraph;
  /** What the training graph says the parameters that are statistics become. */
  readonly #states: readonly { readonly output: string; readonly parameter: string }[];
  readonly #runner: GraphRunner;

  constructor(
    { training, classifier }: OnnxClassifierOptions,
    gradients: NamedGraph,
    runner: GraphRunner,
    store: GraphParameters,
  ) {
    super(store);
    this.#gradients = gradients;
    this.#classifier = { name: `${training}-classifier`, graph: classifier.graphs.classifier };
    this.#states = gradients.graph.outputs.flatMap(({ name, role, of }) =>
      role === 'state' && of !== undefined ? [{ output: name, parameter: of }] : [],
    );
    this.#runner = runner;
  }

  get description(): string {
    return this.#runner.description;
  }

  async accumulate(batch: ClassificationBatch, weight: number): Promise<number> {
    const gradients = this.store.gradientOutputs();
    const states = Object.fromEntries(this.#states.map(({ output }) => [output, null]));
    const results = await this.#runner.run(
      this.#gradients,
      { ...batch, lossWeight: weight },
      this.store.feeds,
      { loss: null, ...states, ...gradients },
      Object.keys(gradients),
    );
    const loss = results.scalar('loss');
    // Statistics of a batch whose loss is no number would spoil all that follow.
    if (!Number.isFinite(loss)) return loss;
    await this.store.keepGradients(results);
    for (const { output, parameter } of this.#states) {
      await this.store.setState(parameter, results.floats(output));
    }
    return loss;
  }

  async classify(images: Float32Array, size: number): Promise<Classification> {
    const fetches = { logits: null, features: null };
    const results = await this.#runner.run(this.#classifier, { size, images }, this.store.feeds, fetches);
    return { logits: results.floats('logits'), features: results.floats('features') };
  }

  async dispose(): Promise<void> {
    await this.store.dispose();
    await this.#runner.dispose();
  }
}
