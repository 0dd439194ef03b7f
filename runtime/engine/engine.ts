import type { Masking } from '../train/masking.ts';

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
}

/** How one AdamW step is taken; the groups (who decays, who trains) are in the compiled spec. */
export interface AdamWUpdate {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
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
 * First and second moments of every trainable parameter, official layout, and the count of steps taken. An engine may convert
 * each tensor only when its `data` is asked for, which must then be before the next update: the moments of a large model
 * are twice its size.
 */
export interface OptimizerState {
  readonly step: number;
  readonly firstMoments: readonly NamedTensor[];
  readonly secondMoments: readonly NamedTensor[];
}

/**
 * Runs one compiled masked autoencoder. An engine owns its parameters and optimizer state; they enter and leave in the
 * official layout. Gradients accumulate over calls of `accumulate` until `update` uses and clears them.
 */
export interface PretrainingEngine {
  readonly kind: 'onnx' | 'tfjs';
  /** One line for people: the library, its version, the device, the threads. */
  readonly description: string;
  /** Every parameter of the model must be there, once, in its official shape; throws an `EngineError` otherwise. */
  loadParameters(parameters: Iterable<NamedTensor>): Promise<void>;
  readParameters(): Promise<NamedTensor[]>;
  loadOptimizerState(state: OptimizerState): Promise<void>;
  readOptimizerState(): Promise<OptimizerState>;
  /** Adds `weight` times the gradient of the batch's loss to the gradients; resolves to the loss. */
  accumulate(batch: PretrainingBatch, weight: number): Promise<number>;
  /** The gradients accumulated since the last update. */
  readGradients(): Promise<NamedTensor[]>;
  /** Takes one AdamW step with the accumulated gradients, then clears them. */
  update(update: AdamWUpdate): Promise<void>;
  reconstruct(batch: PretrainingBatch): Promise<Reconstruction>;
  /** The encoder's output for the visible patches, class token first, in shuffled order: [size, tokens, width]. */
  latent(batch: PretrainingBatch): Promise<Float32Array>;
  /** Features of every token after the encoder's last norm, no masking: [size, tokens, width]. */
  features(images: Float32Array, size: number): Promise<Float32Array>;
  dispose(): Promise<void>;
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
