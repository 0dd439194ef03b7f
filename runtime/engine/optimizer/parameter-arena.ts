import { EngineError } from '../engine.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import type { ArenaArrays } from './optimizer.ts';
import { type ArrayKind, type Block, planShards } from './shards.ts';

/** What the arena must know of a parameter. */
export interface ArenaParameter {
  readonly name: string;
  readonly elements: number;
  readonly trainable: boolean;
}

/** A memory holds at most this much, unless one parameter needs more. */
const SHARD_BYTES = 2 ** 30;

interface Located extends Block {
  readonly kernels: Kernels;
}

/**
 * The numbers of a training run in WebAssembly memory: of every parameter its value, and of every trainable
 * one its gradient, its two moments and its average, too, all zero at first. Each array is a view that stays valid as long
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
      average: new Map(),
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

  /** The gradient that a step uses. Trainable parameters only, as all that follow. */
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

  /** The exponential moving average of the values. Takes memory from the system as `microBatchGradient` does. */
  average(name: string): Float32Array {
    return this.#view('average', name);
  }

  /** Where an optimizer finds a trainable parameter's arrays. A length of zero must not go to a kernel. */
  arrays(name: string): ArenaArrays {
    const { kernels, length, pointer } = this.#locate(this.value(name));
    return {
      kernels,
      length,
      value: pointer,
      gradient: this.#locate(this.gradient(name)).pointer,
      firstMoment: this.#locate(this.firstMoment(name)).pointer,
      secondMoment: this.#locate(this.secondMoment(name)).pointer,
    };
  }

  /** destination += scale * source, for two arrays of one parameter. */
  axpy(destination: Float32Array, source: Float32Array, scale: number): void {
    const { to, from } = this.#pair(destination, source);
    if (to.length > 0) to.kernels.axpy(to.pointer, from.pointer, to.length, scale);
  }

  /** destination += weight * (target - destination), for two arrays of one parameter. */
  lerp(destination: Float32Array, target: Float32Array, weight: number): void {
    const { to, from } = this.#pair(destination, target);
    if (to.length > 0) to.kernels.lerp(to.pointer, from.pointer, to.length, weight);
  }

  /** Exchanges the contents of two arrays of one parameter, bit for bit. */
  swap(one: Float32Array, other: Float32Array): void {
    const { to, from } = this.#pair(one, other);
    if (to.length > 0) to.kernels.swap(to.pointer, from.pointer, to.length);
  }

  /** destination *= factor */
  scale(destination: Float32Array, factor: number): void {
    const { kernels, pointer, length } = this.#locate(destination);
    if (length > 0) kernels.scale(pointer, length, factor);
  }

  /** The sum of an array's squares, in float64. */
  sumOfSquares(view: Float32Array): number {
    const { kernels, pointer, length } = this.#locate(view);
    return length === 0 ? 0 : kernels.squares(pointer, length);
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

  #pair(destination: Float32Array, source: Float32Array): { readonly to: Located; readonly from: Located } {
    const to = this.#locate(destination);
    const from = this.#locate(source);
    if (to.parameter === from.parameter) return { to, from };
    throw new RangeError(`an array of ${from.parameter.name} does not go with one of ${to.parameter.name}`);
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
