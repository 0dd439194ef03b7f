import * as tf from '@tensorflow/tfjs';
import { maskingTensors, ParameterStore } from 'mae-compiler/tfjs';
import { MaskedAutoencoder, TOKENS } from '../../../generated/vit-pico/model.js';
import { randomResizedCrop } from '../../../runtime/data/crop.ts';
import { type Pixels, resizeInto } from '../../../runtime/data/resize.ts';
import type { NamedTensor } from '../../../runtime/engine/engine.ts';
import { Random } from '../../../runtime/random.ts';
import { drawMasking } from '../../../runtime/train/draw-masking.ts';
import { learningRateSchedule } from '../../../runtime/train/schedule.ts';
import { UserError } from '../../../runtime/user-error.ts';
import { initialParameters } from '../../../runtime/weights/initialize.ts';
import { normalization, spec } from './compiled.ts';
import type { Prediction, Step } from './messages.ts';
import { imagesTensor, predictAtAnyRatio } from './predict.ts';

/** Steps over which the learning rate rises to the recipe's for such a batch, where it stays: no end is planned. */
const WARMUP = 20;

/** A model with its weights and its optimizer on the current tfjs backend; all zeros until weights are loaded. */
export class Session {
  #store = new ParameterStore(spec.parameters);
  #model = new MaskedAutoencoder(this.#store);
  #start: readonly NamedTensor[] = [...initialParameters(spec, spec.recipes.pretrain.seed)];
  #step = 0;
  readonly #batch: number;

  /** @param batch Pictures of a training step. */
  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Takes the weights to train on from. @throws EngineError when they are not this model's; nothing is changed then. */
  async load(weights: readonly NamedTensor[]): Promise<void> {
    const store = new ParameterStore(spec.parameters);
    try {
      await store.loadParameters(weights);
    } catch (error) {
      store.dispose();
      throw error;
    }
    this.#store.dispose();
    this.#store = store;
    this.#model = new MaskedAutoencoder(store);
    this.#start = weights;
    this.#step = 0;
  }

  /** Back to the weights that were loaded, or to the random ones. */
  reset(): Promise<void> {
    return this.load(this.#start);
  }

  readWeights(): Promise<NamedTensor[]> {
    return this.#store.readParameters();
  }

  /** Rebuilds a normalised picture; masks of the same number are parts of each other. */
  async reconstruct(image: Float32Array, removed: number, mask: number): Promise<Prediction> {
    const tokens = { ...spec.tokens, visible: spec.tokens.patches - removed };
    const masking = drawMasking({ model: spec.model, tokens }, [0], 'page', mask);
    const predicted = tf.tidy(() => predictAtAnyRatio(this.#model, imagesTensor(image, 1), masking));
    const prediction = await predicted.data<'float32'>();
    predicted.dispose();
    return { prediction: Float32Array.from(prediction), mask: Float32Array.from(masking.mask) };
  }

  /**
   * Takes a training step as the recipe has it: random crops, flips and masks; the compiled class; AdamW. Nothing else may be
   * asked of the session meanwhile but reconstructions.
   *
   * @throws UserError when the loss is not finite; the step is not taken then.
   */
  async step(pictures: readonly Pixels[]): Promise<Step> {
    const begun = performance.now();
    const step = this.#step;
    const { optimizer } = spec.recipes.pretrain;
    const images = drawBatch(pictures, this.#batch, step);
    const drawn = drawMasking(
      spec,
      Array.from({ length: this.#batch }, (_, i) => i),
      'training',
      step,
    );
    const store = this.#store;
    const loss = tf.tidy(() => {
      const masking = maskingTensors(drawn, TOKENS);
      const batch = imagesTensor(images, this.#batch);
      return store.accumulate(() => this.#model.forward(batch, masking).loss, 1);
    });
    const [value = Number.NaN] = await loss.data<'float32'>();
    loss.dispose();
    if (!Number.isFinite(value)) {
      throw new UserError(`the loss of step ${step + 1} is ${value}, so training stopped`, 'start over');
    }
    const { peak } = learningRateSchedule({ ...spec.recipes.pretrain, batch: this.#batch });
    await store.update({ ...optimizer, learningRate: peak * Math.min(1, (step + 1) / WARMUP) });
    this.#step++;
    const seconds = (performance.now() - begun) / 1000;
    return { step: this.#step, loss: value, pictures: this.#batch, seconds };
  }
}

/** A batch of random crops, each of the pictures about as often as the others. */
function drawBatch(pictures: readonly Pixels[], count: number, step: number): Float32Array {
  const { image } = spec.model;
  const size = image.channels * image.height * image.width;
  const images = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const picture = pictures[(step * count + i) % pictures.length];
    if (picture === undefined) throw new RangeError('there are no pictures to train on');
    const placement = randomResizedCrop(
      Random.from('crop', step, i),
      picture,
      image,
      spec.recipes.pretrain.augment,
    );
    resizeInto(picture, placement, normalization, images.subarray(i * size, (i + 1) * size));
  }
  return images;
}
