import { type AdamWUpdate, EngineError } from '../engine.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import { type ArrayKind, type Block, planShards } from './shards.ts';

/** What the arena must know of a parameter. */
export interface ArenaParameter {
  readonly name: string;
  readonly elements: number;
  readonly trainable: boolean;
}

/** One AdamW step of one group of parameters. */
export interface AdamWStep extends AdamWUpdate {
  /** Which step this is, from 1: the bias corrections depend on it. */
  readonly step: number;
}

/** A memory holds at most this much, unless one parameter needs more. */
const SHARD_BYTES = 2 ** 30;

interface Located extends Block {
  readonly kernels: Kernels;
}

/**
 * The numbers of a training run in WebAssembly memory: of every parameter its value, and of every trainable
 * one its gradient and its two moments, too, all zero at first. Each array is a view that stays valid as long
 * as the arena lives, starts at a multiple of 64 bytes, and can be handed to onnxruntime-node as an input or
 * a preallocated output. One WebAssembly memory has at most 4 GiB, so large models take several; all arrays
 * of a parameter are in one.
 */
export class ParameterArena {
  readonly parameters: readonly ArenaParameter[];
  readonly #views: Readonly<Record<ArrayKind, Map<string, Float32Array>>>;
  readonly #located = new Map<Float32Array, Located>();

  /** `shardBytes` bounds each memory. Throws an `EngineError` when the system cannot give the memory. */
  constructor(parameters: readonly ArenaParameter[], shardBytes = SHARD_BYTES) {
    this.parameters = parameters;
    this.#views = {
      value: new Map(),
      gradient: new Map(),
      firstMoment: new Map(),
      secondMoment: new Map(),
      microBatchGradient: new Map(),
    };
    for (const { blocks, pages } of planShards(parameters, shardBytes)) {
      const memory = allocate(pages);
      const kernels = instantiateKernels(memory);
      for (const block of blocks) {
        const view = new Float32Array(memory.buffer, block.pointer, block.parameter.elements);
        this.#views[block.kind].set(block.parameter.name, view);
        this.#located.set(view, { ...block, kernels });
      }
    }
  }

  value(name: string): Float32Array {
    return this.#view('value', name);
  }

  /** The gradient that `adamw` uses. Trainable parameters only, as all that follow. */
  gradient(name: string): Float32Array {
    return this.#view('gradient', name);
  }

  firstMoment(name: string): Float32Array {
    return this.#view('firstMoment', name);
  }

  secondMoment(name: string): Float32Array {
    return this.#view('secondMoment', name);
  }

  /**
   * A second gradient, for a micro-batch whose gradient is then added to the first by `axpy`. Takes memory
   * from the system only once it is written to.
   */
  microBatchGradient(name: string): Float32Array {
    return this.#view('microBatchGradient', name);
  }

  /**
   * Takes an AdamW step for the named parameters, in place, from their gradients; the gradients stay. The
   * arithmetic is PyTorch's `torch.optim.AdamW`, in float32 but for the scalars. `epsilon` must be above 0 in
   * float32.
   */
  adamw(names: Iterable<string>, update: AdamWStep): void {
    const { learningRate, epsilon, weightDecay, step } = update;
    const [beta1, beta2] = update.betas;
    if (!(step >= 1)) throw new RangeError(`AdamW steps count from 1, not from ${step}`);
    if (!(Math.fround(epsilon) > 0)) throw new RangeError(`AdamW needs an epsilon above 0, not ${epsilon}`);
    const decay = 1 - learningRate * weightDecay;
    const rate = learningRate / (1 - beta1 ** step);
    const correction = 1 / Math.sqrt(1 - beta2 ** step);
    for (const name of names) {
      const value = this.#locate(this.value(name));
      if (value.length === 0) continue;
      value.kernels.adamw(
        value.pointer,
        this.#locate(this.gradient(name)).pointer,
        this.#locate(this.firstMoment(name)).pointer,
        this.#locate(this.secondMoment(name)).pointer,
        value.length,
        decay,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        rate,
        correction,
        epsilon,
      );
    }
  }

  /** destination += scale * source, for two arrays of one parameter. */
  axpy(destination: Float32Array, source: Float32Array, scale: number): void {
    const to = this.#locate(destination);
    const from = this.#locate(source);
    if (to.parameter !== from.parameter) {
      throw new RangeError(`${from.parameter.name} cannot be added to ${to.parameter.name}`);
    }
    if (to.length > 0) to.kernels.axpy(to.pointer, from.pointer, to.length, scale);
  }

  /** Sets the gradients of all parameters to zero. */
  zeroGradients(): void {
    for (const gradient of this.#views.gradient.values()) gradient.fill(0);
  }

  /** Whether an array of this arena holds no infinity and no NaN. */
  isFinite(view: Float32Array): boolean {
    const { kernels, pointer, length } = this.#locate(view);
    return length === 0 || kernels.finite(pointer, length) === 1;
  }

  #view(kind: ArrayKind, name: string): Float32Array {
    const view = this.#views[kind].get(name);
    if (view === undefined) throw new RangeError(`the arena has no ${kind} of a parameter ${name}`);
    return view;
  }

  #locate(view: Float32Array): Located {
    const located = this.#located.get(view);
    if (located === undefined) throw new RangeError('the array is none of this arena');
    return located;
  }
}

/** A memory that cannot grow, so it never moves and its views stay valid. */
function allocate(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineError(
      `the system gives no ${(pages / 16384).toFixed(2)} GiB of memory for the parameters and their optimizer state`,
      'close other programs, or train a smaller model',
    );
  }
}
