import type { CompiledClassifier } from '../../model/compiled-spec.ts';
import type { NamedGraph } from '../../model/load-spec.ts';
import type { ChosenPrecision, Classification, ClassificationBatch, ClassifierEngine } from '../engine.ts';
import type { GraphParameters } from './graph-parameters.ts';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.ts';
import { type EngineParts, OnnxTraining, PARTS, presentGraph } from './onnx-training.ts';

export interface OnnxClassifierOptions extends GraphRunnerOptions {
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
  readonly classifier: CompiledClassifier;
}

/** Opens a compiled classifier in ONNX Runtime; devices and errors as of `createOnnxEngine`. */
export async function createOnnxClassifier(
  options: OnnxClassifierOptions,
  parts: EngineParts = PARTS,
): Promise<ClassifierEngine> {
  const { spec, training, classifier } = options;
  const { gradients, 'gradients-float16': half } = classifier.graphs;
  const wide = { name: `${training}-gradients`, graph: gradients };
  const runner = await GraphRunner.create(options, wide);
  const wanted = spec.recipes[training]?.precision ?? 'float32';
  const precision = await parts.choosePrecision(wanted, runner.runtime);
  const trained = precision.type === 'float32' ? wide : presentGraph(spec, `${wide.name}-float16`, half);
  await runner.require(trained);
  const model = { name: spec.model.name, parameters: classifier.parameters };
  const store = await parts.openParameters(model, runner.runtime);
  return new OnnxClassifier(options, { gradients: trained, precision }, runner, store);
}

class OnnxClassifier extends OnnxTraining implements ClassifierEngine {
  readonly #gradients: NamedGraph;
  readonly #classifier: NamedGraph;
  /** What the training graph says the parameters that are statistics become. */
  readonly #states: readonly { readonly output: string; readonly parameter: string }[];

  constructor(
    { training, classifier }: OnnxClassifierOptions,
    { gradients, precision }: { readonly gradients: NamedGraph; readonly precision: ChosenPrecision },
    runner: GraphRunner,
    store: GraphParameters,
  ) {
    super(runner, store, precision);
    this.#gradients = gradients;
    this.#classifier = { name: `${training}-classifier`, graph: classifier.graphs.classifier };
    this.#states = gradients.graph.outputs.flatMap(({ name, role, of }) =>
      role === 'state' && of !== undefined ? [{ output: name, parameter: of }] : [],
    );
  }

  async accumulate(batch: ClassificationBatch, weight: number): Promise<number> {
    const gradients = this.store.gradientOutputs();
    const states = Object.fromEntries(this.#states.map(({ output }) => [output, null]));
    const results = await this.untilFinite(
      ({ fetches, ...scale }) =>
        this.runner.run(
          this.#gradients,
          { ...batch, ...scale, lossWeight: weight },
          this.store.feeds,
          { loss: null, ...fetches, ...states, ...gradients },
          Object.keys(gradients),
        ),
      (vain) => this.store.discardGradients(vain),
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
    const results = await this.runner.run(this.#classifier, { size, images }, this.store.feeds, fetches);
    return { logits: results.floats('logits'), features: results.floats('features') };
  }

  async dispose(): Promise<void> {
    await this.store.dispose();
    await this.runner.dispose();
  }
}
