import {
  EngineError,
  type NamedTensor,
  type OptimizerState,
  type OptimizerUpdate,
  type PretrainingBatch,
  type PretrainingEngine,
  type Reconstruction,
  type UpdateResult,
} from '../../runtime/engine/engine.ts';
import type { CompiledModel, CompiledSpec } from '../../runtime/model/compiled-spec.ts';
import { maskingFromNoise } from '../../runtime/train/masking.ts';

/**
 * The smallest thing that can be pretrained by masking: a patch is predicted as W m + b from the mean m of the visible patches. Loss,
 * gradients and AdamW are written out in double arithmetic; parameters and moments are float32, as in the real engines.
 */
export class LinearEngine implements PretrainingEngine {
  readonly kind: 'onnx' | 'tfjs' = 'onnx';
  readonly description = 'linear test engine';
  /** Called with the number of the accumulation, from 0; may replace the loss. */
  onAccumulate: ((call: number, loss: number) => number) | undefined;
  disposed = false;
  readonly #spec: CompiledSpec;
  readonly #model: CompiledModel;
  #calls = 0;
  #step = 0;
  #values = new Map<string, Float32Array>();
  #averages = new Map<string, Float32Array>();
  #gradients = new Map<string, Float64Array>();
  #first = new Map<string, Float32Array>();
  #second = new Map<string, Float32Array>();

  constructor(spec: CompiledSpec) {
    this.#spec = spec;
    this.#model = spec.model;
    this.#first = this.#zeros();
    this.#second = this.#zeros();
    this.#clear();
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    this.#values = new Map(Array.from(parameters, ({ name, data }) => [name, data.slice()]));
  }

  async readParameters(): Promise<NamedTensor[]> {
    return this.#tensors(this.#values);
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    this.#step = state.step;
    this.#first = new Map(state.firstMoments.map(({ name, data }) => [name, data.slice()]));
    this.#second = new Map(state.secondMoments.map(({ name, data }) => [name, data.slice()]));
  }

  async readOptimizerState(): Promise<OptimizerState> {
    return {
      kind: 'adamw',
      step: this.#step,
      firstMoments: this.#tensors(this.#first),
      secondMoments: this.#tensors(this.#second),
    };
  }

  async accumulate(batch: PretrainingBatch, weight: number): Promise<number> {
    const { width, pictures } = this.#patchesOf(batch);
    const weights = this.#values.get('weight') ?? new Float32Array();
    const bias = this.#values.get('bias') ?? new Float32Array();
    const weightGradient = this.#gradients.get('weight') ?? new Float64Array();
    const biasGradient = this.#gradients.get('bias') ?? new Float64Array();
    const terms = pictures.reduce((count, { removed }) => count + removed.length, 0) * width;
    let loss = 0;
    for (const { mean, removed } of pictures) {
      for (const target of removed) {
        for (let row = 0; row < width; row++) {
          let predicted = bias[row] ?? 0;
          for (let k = 0; k < width; k++) predicted += (weights[row * width + k] ?? 0) * (mean[k] ?? 0);
          const error = predicted - (target[row] ?? 0);
          loss += (error * error) / terms;
          const slope = (2 * error * weight) / terms;
          biasGradient[row] = (biasGradient[row] ?? 0) + slope;
          for (let k = 0; k < width; k++) {
            weightGradient[row * width + k] = (weightGradient[row * width + k] ?? 0) + slope * (mean[k] ?? 0);
          }
        }
      }
    }
    return this.onAccumulate?.(this.#calls++, loss) ?? loss;
  }

  async readGradients(): Promise<NamedTensor[]> {
    return this.#tensors(
      new Map([...this.#gradients].map(([name, data]) => [name, Float32Array.from(data)])),
    );
  }

  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    if (update.kind !== 'adamw') throw new EngineError(`this engine knows no ${update.kind}`);
    const { learningRate, epsilon, weightDecay } = update;
    this.#step++;
    const [beta1, beta2] = update.betas;
    for (const { name, decay } of this.#spec.parameters) {
      const value = this.#values.get(name) ?? new Float32Array();
      const gradient = this.#gradients.get(name) ?? new Float64Array();
      const first = this.#first.get(name) ?? new Float32Array();
      const second = this.#second.get(name) ?? new Float32Array();
      for (let i = 0; i < value.length; i++) {
        const slope = gradient[i] ?? 0;
        first[i] = beta1 * (first[i] ?? 0) + (1 - beta1) * slope;
        second[i] = beta2 * (second[i] ?? 0) + (1 - beta2) * slope * slope;
        const scale = Math.sqrt((second[i] ?? 0) / (1 - beta2 ** this.#step)) + epsilon;
        const move = (first[i] ?? 0) / (1 - beta1 ** this.#step) / scale;
        value[i] = (value[i] ?? 0) * (1 - (decay ? learningRate * weightDecay : 0)) - learningRate * move;
      }
    }
    this.#clear();
    return {};
  }

  async updateAverages(decay: number): Promise<void> {
    const before = this.#averages;
    this.#averages = new Map(
      [...this.#values].map(([name, data]) => {
        const average = before.get(name) ?? data;
        return [name, data.map((value, i) => decay * (average[i] ?? 0) + (1 - decay) * value)];
      }),
    );
  }

  async readAverages(): Promise<NamedTensor[]> {
    return this.#averages.size === 0 ? [] : this.#tensors(this.#averages);
  }

  async loadAverages(averages: Iterable<NamedTensor>): Promise<void> {
    this.#averages = new Map(Array.from(averages, ({ name, data }) => [name, data.slice()]));
  }

  async useAverages(): Promise<void> {
    throw new EngineError('this engine evaluates nothing');
  }

  async reconstruct(batch: PretrainingBatch): Promise<Reconstruction> {
    const { width, pictures } = this.#patchesOf(batch);
    const { patches, mask } = batch.masking;
    const weights = this.#values.get('weight') ?? new Float32Array();
    const bias = this.#values.get('bias') ?? new Float32Array();
    const prediction = new Float32Array(batch.size * patches * width);
    pictures.forEach(({ mean }, picture) => {
      for (let row = 0; row < width; row++) {
        let predicted = bias[row] ?? 0;
        for (let k = 0; k < width; k++) predicted += (weights[row * width + k] ?? 0) * (mean[k] ?? 0);
        for (let patch = 0; patch < patches; patch++)
          prediction[(picture * patches + patch) * width + row] = predicted;
      }
    });
    return { loss: 0, prediction, mask };
  }

  /** The mean of each picture's visible patches: one token. */
  async latent(batch: PretrainingBatch): Promise<Float32Array> {
    return Float32Array.from(this.#patchesOf(batch).pictures.flatMap(({ mean }) => [...mean]));
  }

  /** The same with every patch visible. */
  async features(images: Float32Array, size: number): Promise<Float32Array> {
    const patches = 4;
    const noise = new Float32Array(size * patches);
    return this.latent({
      size,
      images,
      masking: maskingFromNoise(noise, { size, patches, visible: patches }),
    });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }

  /** The mean of each picture's visible patches, and its removed patches, as rows of pixels. */
  #patchesOf({ size, images, masking }: PretrainingBatch) {
    const { image, patch } = this.#model;
    const across = image.width / patch.width;
    const width = patch.height * patch.width * image.channels;
    const pictures = Array.from({ length: size }, (_, picture) => {
      const mean = new Float64Array(width);
      const removed: Float64Array[] = [];
      for (let index = 0; index < masking.patches; index++) {
        const pixels = new Float64Array(width);
        for (let i = 0; i < width; i++) {
          const channel = i % image.channels;
          const column = Math.floor(i / image.channels) % patch.width;
          const row = Math.floor(i / image.channels / patch.width);
          const y = Math.floor(index / across) * patch.height + row;
          const x = (index % across) * patch.width + column;
          pixels[i] =
            images[((picture * image.channels + channel) * image.height + y) * image.width + x] ?? 0;
        }
        if (masking.mask[picture * masking.patches + index] === 1) removed.push(pixels);
        else for (let i = 0; i < width; i++) mean[i] = (mean[i] ?? 0) + (pixels[i] ?? 0) / masking.visible;
      }
      return { mean, removed };
    });
    return { width, pictures };
  }

  #zeros(): Map<string, Float32Array> {
    return new Map(this.#spec.parameters.map(({ name, shape }) => [name, new Float32Array(product(shape))]));
  }

  #clear(): void {
    this.#gradients = new Map(
      [...this.#zeros()].map(([name, { length }]) => [name, new Float64Array(length)]),
    );
  }

  #tensors(values: ReadonlyMap<string, Float32Array>): NamedTensor[] {
    return this.#spec.parameters.map(({ name, shape }) => ({
      name,
      shape,
      data: values.get(name)?.slice() ?? new Float32Array(),
    }));
  }
}

const product = (shape: readonly number[]): number => shape.reduce((all, side) => all * side, 1);
