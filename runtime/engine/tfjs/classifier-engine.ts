import * as tf from '@tensorflow/tfjs';
import type { CompiledClassifier, CompiledGraph, CompiledSpec } from '../../model/compiled-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import {
  type Classification,
  type ClassificationBatch,
  type ClassifierEngine,
  EngineError,
} from '../engine.ts';
import { type BackendName, type OpenBackend, openBackend } from './backends.ts';
import { dropTensors } from './drops.ts';
import { type GeneratedClassifier, loadGeneratedClassifier } from './generated-model.ts';
import { ParameterStore } from './parameter-store.ts';
import { imagesTensor, numbersOf, runPass } from './passes.ts';
import type { Rows } from './shapes.ts';

export interface TfjsClassifierOptions {
  readonly spec: CompiledSpec;
  /** Which of the spec's classifiers it is. */
  readonly training: 'finetune' | 'linear-probe';
  readonly classifier: CompiledClassifier;
  /** Folder of spec.json and of the generated classes. */
  readonly directory: string | URL;
  /** The best that can be used unless given. */
  readonly backend?: BackendName;
}

/** Opens the generated classes of a compiled classifier under tfjs autodiff. Throws as `createTfjsEngine` does. */
export async function createTfjsClassifier(options: TfjsClassifierOptions): Promise<ClassifierEngine> {
  const { classifier, training, directory } = options;
  const Generated = await loadGeneratedClassifier(directory, training);
  const backend = await openBackend(options.backend);
  let store: ParameterStore | undefined;
  try {
    store = new ParameterStore(classifier.parameters);
    return new TfjsClassifier(options, backend, store, new Generated(store));
  } catch (error) {
    store?.dispose();
    backend.close();
    throw error;
  }
}

class TfjsClassifier extends DelegatedParameters<ParameterStore> implements ClassifierEngine {
  readonly kind = 'tfjs';
  readonly description: string;
  readonly #spec: CompiledSpec;
  readonly #backend: OpenBackend;
  readonly #model: GeneratedClassifier;
  readonly #gradients: CompiledGraph;
  /** The properties that the class gives the next values of its statistics in. */
  readonly #states: readonly { readonly property: string; readonly parameter: string }[];

  constructor(
    { spec, classifier }: TfjsClassifierOptions,
    backend: OpenBackend,
    store: ParameterStore,
    model: GeneratedClassifier,
  ) {
    super(store);
    this.description = backend.description;
    this.#spec = spec;
    this.#backend = backend;
    this.#model = model;
    this.#gradients = classifier.graphs.gradients;
    this.#states = this.#gradients.outputs.flatMap(({ name, role, of }) =>
      role === 'state' && of !== undefined ? [{ property: camelCase(name), parameter: of }] : [],
    );
  }

  async accumulate(batch: ClassificationBatch, weight: number): Promise<number> {
    const { size } = batch;
    const states = new Map<string, tf.Tensor>();
    const loss = runPass(size, () => {
      const images = imagesTensor(this.#spec.model.image, batch.images, size);
      const targets = targetsTensor(batch);
      const drops = dropTensors(this.#gradients, batch);
      return this.store.accumulate(() => {
        const results = this.#model.train(images, targets, drops);
        for (const { property, parameter } of this.#states)
          states.set(parameter, tf.keep(stateOf(results, property)));
        return results.loss;
      }, weight);
    });
    const [value = Number.NaN] = await numbersOf(loss);
    for (const [parameter, state] of states) {
      if (Number.isFinite(value)) this.store.setState(parameter, state);
      state.dispose();
    }
    return value;
  }

  async classify(images: Float32Array, size: number): Promise<Classification> {
    const { logits, features } = runPass(size, () => {
      const { logits, features } = this.#model.forward(imagesTensor(this.#spec.model.image, images, size));
      return { logits, features };
    });
    return { logits: await numbersOf(logits), features: await numbersOf(features) };
  }

  async dispose(): Promise<void> {
    this.store.dispose();
    this.#backend.close();
  }
}

function targetsTensor({ size, targets }: ClassificationBatch): Rows<1, number> {
  if (targets.length % size !== 0) {
    throw new EngineError(`a batch of ${size} has ${targets.length} targets: not as many for each`);
  }
  return tf.tensor2d(targets, [size, targets.length / size]) as Rows<1, number>;
}

function stateOf(results: Readonly<Record<string, tf.Tensor>>, property: string): tf.Tensor {
  const state = results[property];
  if (state === undefined) throw new EngineError(`the generated class gives no ${property}`);
  return state;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
