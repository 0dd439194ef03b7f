import * as tf from '@tensorflow/tfjs';
import type { CompiledSpec } from '../../model/compiled-spec.ts';
import {
  type AdamWUpdate,
  EngineError,
  type NamedTensor,
  type OptimizerState,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
} from '../engine.ts';
import { type BackendName, type OpenBackend, openBackend } from './backends.ts';
import { type GeneratedModel, loadGeneratedModule } from './generated-model.ts';
import { type Masking, type MaskingCounts, maskingTensors } from './masking.ts';
import { checkTensors, readTensors, toStored } from './named-tensors.ts';
import { Optimizer } from './optimizer.ts';
import { ParameterStore } from './parameters.ts';
import type { Images } from './shapes.ts';

export interface TfjsEngineOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json and model.js. */
  readonly directory: string | URL;
  /** The best that can be used unless given. */
  readonly backend?: BackendName;
}

/**
 * Opens the generated classes of a compiled model under tfjs autodiff. Throws an `EngineError` when the classes are missing
 * or of another spec, or the backend cannot be used.
 */
export async function createTfjsEngine(options: TfjsEngineOptions): Promise<PretrainingEngine> {
  const { spec, directory } = options;
  const { MaskedAutoencoder, TOKENS } = await loadGeneratedModule(directory);
  const backend = await openBackend(options.backend);
  let store: ParameterStore | undefined;
  try {
    store = new ParameterStore(spec.parameters);
    return new TfjsEngine(spec, backend, store, new MaskedAutoencoder(store), TOKENS);
  } catch (error) {
    store?.dispose();
    backend.close();
    throw error;
  }
}

type Counts = MaskingCounts<number, number, number>;

class TfjsEngine implements PretrainingEngine {
  readonly kind = 'tfjs';
  readonly description: string;
  readonly #spec: CompiledSpec;
  readonly #backend: OpenBackend;
  readonly #store: ParameterStore;
  readonly #model: GeneratedModel;
  readonly #counts: Counts;
  readonly #optimizer: Optimizer;

  constructor(
    spec: CompiledSpec,
    backend: OpenBackend,
    store: ParameterStore,
    model: GeneratedModel,
    counts: Counts,
  ) {
    this.description = backend.description;
    this.#spec = spec;
    this.#backend = backend;
    this.#store = store;
    this.#model = model;
    this.#counts = counts;
    this.#optimizer = new Optimizer(store, spec.parameters);
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    const numbers = checkTensors('parameters', parameters, this.#spec.parameters);
    for (const parameter of this.#spec.parameters) {
      this.#store.set(parameter.name, toStored(parameter, numbers(parameter.name)));
    }
  }

  readParameters(): Promise<NamedTensor[]> {
    return readTensors(this.#spec.parameters, (name) => this.#store.variable(name));
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    this.#optimizer.load(state);
  }

  readOptimizerState(): Promise<OptimizerState> {
    return this.#optimizer.read();
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const loss = this.#run(batch.size, () => {
      const { images, masking } = this.#inputs(batch);
      return this.#optimizer.accumulate(() => this.#model.forward(images, masking).loss, weight);
    });
    const [value] = await numbersOf(loss);
    return value ?? Number.NaN;
  }

  readGradients(): Promise<NamedTensor[]> {
    return this.#optimizer.readGradients();
  }

  async update(update: AdamWUpdate): Promise<void> {
    this.#optimizer.update(update);
  }

  async reconstruct(batch: PretrainingBatch): Promise<Reconstruction> {
    const { loss, prediction } = this.#run(batch.size, () => {
      const { images, masking } = this.#inputs(batch);
      const { loss, prediction } = this.#model.forward(images, masking);
      return { loss, prediction };
    });
    const [value] = await numbersOf(loss);
    return {
      loss: value ?? Number.NaN,
      prediction: await numbersOf(prediction),
      mask: batch.masking.mask.slice(),
    };
  }

  latent(batch: PretrainingBatch): Promise<Float32Array> {
    const latent = this.#run(batch.size, () => {
      const { images, masking } = this.#inputs(batch);
      return this.#model.forward(images, masking).latent;
    });
    return numbersOf(latent);
  }

  features(images: Float32Array, size: number): Promise<Float32Array> {
    return numbersOf(this.#run(size, () => this.#model.features(this.#images(images, size))));
  }

  async dispose(): Promise<void> {
    this.#optimizer.dispose();
    this.#store.dispose();
    this.#backend.close();
  }

  /** Runs a whole pass; what it leaves on the backend is what it returns, and what the optimizer keeps. */
  #run<Result extends tf.TensorContainer>(size: number, pass: () => Result): Result {
    try {
      return tf.tidy(pass);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw explainFailure(error, size);
    }
  }

  #inputs({ size, images, masking }: PretrainingBatch): {
    images: Images<number, number, number>;
    masking: Masking<number, number, number>;
  } {
    if (masking.size !== size) throw new EngineError(`a batch of ${size} has a masking of ${masking.size}`);
    return {
      images: this.#images(images, size),
      masking: maskingTensors(masking, this.#counts),
    };
  }

  #images(images: Float32Array, size: number): Images<number, number, number> {
    const { channels, height, width } = this.#spec.model.image;
    if (images.length !== size * channels * height * width) {
      throw new EngineError(
        `a batch of ${size} has ${images.length} pixels; it must be [${size}, ${channels}, ${height}, ${width}]`,
      );
    }
    return tf.tensor4d(images, [size, channels, height, width]) as Images<number, number, number>;
  }
}

/** Reads a tensor and disposes of it. */
async function numbersOf(tensor: tf.Tensor): Promise<Float32Array> {
  const numbers = await tensor.data<'float32'>();
  tensor.dispose();
  // On cpu the array is the tensor's own.
  return numbers.slice();
}

function explainFailure(error: unknown, size: number): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  const stopped = error instanceof WebAssembly.RuntimeError || /\babort/i.test(message);
  // WebAssembly says no more than "Aborted()" when its memory is full, and is of no use afterwards.
  const why = stopped ? 'WebAssembly stopped, as it does when its 4 GB of memory are full' : 'tfjs failed';
  return new EngineError(
    `${why}, on a batch of ${size}: ${message}`,
    'if memory ran out, start again with a smaller --batch, or the same batch with a larger --accumulation',
  );
}
