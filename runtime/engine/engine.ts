import type { Masking } from '../train/masking.ts';
import type { ChosenDevice } from './device.ts';
import type { DropFactors } from './drop-factors.ts';
import type { LossScaleState } from './loss-scale.ts';

/** A float32 tensor in the official (PyTorch) layout and shape. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One batch of pretraining: what a step is a pure function of, next to the parameters. */
export interface PretrainingBatch {
  readonly size: number;
  /** [size, channels, height, width], normalised. */
  readonly images: Float32Array;
  readonly masking: Masking;
  /** What training leaves out at random; needed by `accumulate` where the compiled step asks for it, and used nowhere else. */
  readonly drops?: DropFactors;
}

/** What a step of every optimizer is taken with. */
export interface StepSettings {
  readonly learningRate: number;
  /**
   * Largest global L2 norm of the gradients; larger ones are scaled down to it, as `torch.nn.utils.clip_grad_norm_`
   * does. Not clipped when left out.
   */
  readonly clip?: number;
  /** Factor on the learning rate by parameter name (layer-wise decay); 1 where it has none. */
  readonly rateScales?: ReadonlyMap<string, number>;
}

/** Loshchilov and Hutter 2019, as `torch.optim.AdamW`. Parameters with `decay` in the compiled spec are decayed. */
export interface AdamWSettings {
  readonly kind: 'adamw';
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * You, Gitman and Ginsburg 2017, as the official util/lars.py: the trust coefficient and the weight decay are for
 * parameters of more than one dimension only.
 */
export interface LarsSettings {
  readonly kind: 'lars';
  readonly momentum: number;
  readonly trust: number;
  readonly weightDecay: number;
}

/**
 * Gradient descent with momentum, as `torch.optim.SGD`: the weight decay is added to the gradient, of parameters
 * with `decay` in the compiled spec.
 */
export interface SgdSettings {
  readonly kind: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

export interface OptimizerSettingsByKind {
  readonly adamw: AdamWSettings;
  readonly lars: LarsSettings;
  readonly sgd: SgdSettings;
}

export type OptimizerKind = keyof OptimizerSettingsByKind;
export type OptimizerSettings = OptimizerSettingsByKind[OptimizerKind];

/** How one step is taken; who decays and who trains is in the compiled spec. */
export type OptimizerUpdate = StepSettings & OptimizerSettings;

export interface UpdateResult {
  /** The gradients' global L2 norm before it was clipped; only where `clip` was given. */
  readonly gradientNorm?: number;
}

/** The forward pass with a prediction for every patch. */
export interface Reconstruction {
  readonly loss: number;
  /** [size, patches, patch height * patch width * channels], patch pixels ordered row, column, channel. */
  readonly prediction: Float32Array;
  /** [size, patches], 1 where a patch was removed. */
  readonly mask: Float32Array;
}

/**
 * Moments of every trainable parameter, official layout, and the count of steps taken. An engine may convert each
 * tensor only when its `data` is asked for, which must then be before the next update: the moments of a large model
 * are twice its size.
 */
export interface OptimizerState {
  /** Whose moments these are: another optimizer cannot go on from them. At step 0, when all are zero, any can. */
  readonly kind: OptimizerKind;
  readonly step: number;
  /** Of LARS and SGD the momentum buffers. */
  readonly firstMoments: readonly NamedTensor[];
  /** Empty for LARS and SGD. */
  readonly secondMoments: readonly NamedTensor[];
  /** Where the loss scale stands, of engines that compute in float16. Others ignore it. */
  readonly lossScale?: LossScaleState;
}

/** What a step computes in. */
export interface ChosenPrecision {
  readonly type: 'float32' | 'float16';
  /** Why not float16, where the recipe asks for it. */
  readonly why?: string;
}

/** What became of the loss scale. */
export interface LossScaleReport {
  readonly scale: number;
  /** How often it was too large, so that it was halved and the batch was computed again, since the engine was opened. */
  readonly overflows: number;
}

/**
 * The parameters of an engine, and what trains them. They enter and leave in the official layout. While averages are in
 * use, what would change or use gradients, parameters or averages is an `EngineError`; reading is not.
 */
export interface TrainableParameters {
  /**
   * Every parameter of the model must be there, once, in its official shape; throws an `EngineError` otherwise.
   * Averages of what was there before are forgotten.
   */
  loadParameters(parameters: Iterable<NamedTensor>): Promise<void>;
  /** The parameters that are trained, also while the averages are in use. */
  readParameters(): Promise<NamedTensor[]>;
  loadOptimizerState(state: OptimizerState): Promise<void>;
  readOptimizerState(): Promise<OptimizerState>;
  /** The gradients accumulated since the last update. */
  readGradients(): Promise<NamedTensor[]>;
  /**
   * Takes one step with the accumulated gradients, then clears them. Throws an `EngineError`, and changes nothing,
   * when there are none, when the state is another optimizer's, or when they are to be clipped and are not finite.
   */
  update(update: OptimizerUpdate): Promise<UpdateResult>;
  /**
   * Moves the exponential moving average of each trainable parameter towards it: average = decay * average + (1 - decay) *
   * parameter. Without averages it copies the parameters: called before the first step, the averages start from the
   * initial values.
   */
  updateAverages(decay: number): Promise<void>;
  /** The averages of all trainable parameters; empty when there are none. Data as in `OptimizerState`. */
  readAverages(): Promise<NamedTensor[]>;
  /** Takes averages that `readAverages` gave. */
  loadAverages(averages: Iterable<NamedTensor>): Promise<void>;
  /**
   * Puts the averages in the place of the trained parameters, for evaluation, or the parameters back, bit for bit.
   * Throws an `EngineError` when there are no averages.
   */
  useAverages(on: boolean): Promise<void>;
}

/**
 * What trains on batches of some kind. An engine owns its parameters and optimizer state. Gradients accumulate over calls of
 * `accumulate` until `update` uses and clears them.
 */
export interface TrainingEngine<Batch> extends TrainableParameters {
  readonly kind: 'onnx' | 'tfjs';
  /** One line for people: the library, its version, the device, the threads. */
  readonly description: string;
  /** Why it computes where it does, where that was a choice. */
  readonly choice?: ChosenDevice;
  /** What its steps compute in; float32 if left out. */
  readonly precision?: ChosenPrecision;
  /** Of an engine that computes in float16. */
  readonly lossScale?: LossScaleReport | undefined;
  /** Adds `weight` times the gradient of the batch's loss to the gradients; resolves to the loss. */
  accumulate(batch: Batch, weight: number): Promise<number>;
  /**
   * A whole step of one batch, where the engine can take one in fewer passes than `accumulate(batch, 1)` and `update(update)`,
   * which it equals; resolves to the loss. Where that is not finite, nothing but the gradients has changed. No gradients may have been accumulated.
   */
  step?(batch: Batch, update: OptimizerUpdate): Promise<number>;
  dispose(): Promise<void>;
}

/** Runs one compiled masked autoencoder. */
export interface PretrainingEngine extends TrainingEngine<PretrainingBatch> {
  reconstruct(batch: PretrainingBatch): Promise<Reconstruction>;
  /** The encoder's output for the visible patches, class token first, in shuffled order: [size, tokens, width]. */
  latent(batch: PretrainingBatch): Promise<Float32Array>;
  /** Features of every token after the encoder's last norm, no masking: [size, tokens, width]. */
  features(images: Float32Array, size: number): Promise<Float32Array>;
}

/** One batch of labelled pictures: what a classifier's step is a pure function of, next to the parameters. */
export interface ClassificationBatch {
  readonly size: number;
  /** [size, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** [size, classes]: what each class should get; a row sums to the weight of its picture. */
  readonly targets: Float32Array;
  /** As in a `PretrainingBatch`. */
  readonly drops?: DropFactors;
}

/** What a classifier says of pictures. */
export interface Classification {
  /** [size, classes], before the softmax. */
  readonly logits: Float32Array;
  /** [size, width]: what the head sees, before the batch norm of a linear probe. */
  readonly features: Float32Array;
}

/**
 * Runs one compiled classifier, and trains as much of it as is trainable. `accumulate` also takes over the statistics of the batch
 * where the classifier keeps any; nothing is taken over of a batch whose loss is not finite.
 */
export interface ClassifierEngine extends TrainingEngine<ClassificationBatch> {
  /** As in use: nothing is dropped, and running statistics stand for those of the batch. */
  classify(images: Float32Array, size: number): Promise<Classification>;
}

/** What an engine cannot do with what it was given; `message` is a sentence for the user, `help` says what to do. */
export class EngineError extends Error {
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.name = 'EngineError';
    this.help = help;
  }
}
