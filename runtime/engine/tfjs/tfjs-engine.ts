import type { CompiledSpec } from '../../model/compiled-spec.ts';
import { DelegatedParameters } from '../delegated-parameters.ts';
import {
  EngineError,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
} from '../engine.ts';
import { type BackendName, type OpenBackend, openBackend } from './backends.ts';
import { dropTensors } from './drops.ts';
import { type GeneratedModel, loadGeneratedModule } from './generated-model.ts';
import { type Masking, type MaskingCounts, maskingTensors } from './masking.ts';
import { ParameterStore } from './parameter-store.ts';
import { imagesTensor, numbersOf, runPass } from './passes.ts';
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

class TfjsEngine extends DelegatedParameters<ParameterStore> implements PretrainingEngine {
  readonly kind = 'tfjs';
  readonly description: string;
  readonly #spec: CompiledSpec;
  readonly #backend: OpenBackend;
  readonly #model: GeneratedModel;
  readonly #counts: Counts;

  constructor(
    spec: CompiledSpec,
    backend: OpenBackend,
    store: ParameterStore,
    model: GeneratedModel,
    counts: Counts,
  ) {
    super(store);
    this.description = backend.description;
    this.#spec = spec;
    this.#backend = backend;
    this.#model = model;
    this.#counts = counts;
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const loss = runPass(batch.size, () => {
      const { images, masking } = this.#inputs(batch);
      const drops = dropTensors(this.#spec.graphs['pretrain-gradients'], batch);
      return this.store.accumulate(() => this.#model.forward(images, masking, drops).loss, weight);
    });
    const [value] = await numbersOf(loss);
    return value ?? Number.NaN;
  }

  async reconstruct(batch: PretrainingBatch): Promise<Reconstruction> {
    const { loss, prediction } = runPass(batch.size, () => {
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
    const latent = runPass(batch.size, () => {
      const { images, masking } = this.#inputs(batch);
      return this.#model.forward(images, masking).latent;
    });
    return numbersOf(latent);
  }

  features(images: Float32Array, size: number): Promise<Float32Array> {
    return numbersOf(runPass(size, () => this.#model.features(this.#images(images, size))));
  }

  async dispose(): Promise<void> {
    this.store.dispose();
    this.#backend.close();
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
    return imagesTensor(this.#spec.model.image, images, size);
  }
}
