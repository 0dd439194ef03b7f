import { KERNELS_WASM } from './kernels-wasm.ts';

/**
 * The loops of kernels.wat over one memory. Pointers and lengths are in bytes, multiples of 16; lengths are not
 * zero.
 */
export interface Kernels {
  readonly adamw: (
    value: number,
    gradient: number,
    firstMoment: number,
    secondMoment: number,
    length: number,
    decay: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    rate: number,
    correction: number,
    epsilon: number,
  ) => void;
  readonly momentum: (
    value: number,
    gradient: number,
    moment: number,
    length: number,
    decay: number,
    trust: number,
    momentum: number,
    direct: number,
    carried: number,
    rate: number,
  ) => void;
  readonly axpy: (destination: number, source: number, length: number, scale: number) => void;
  readonly squares: (pointer: number, length: number) => number;
  readonly decayedSquares: (gradient: number, value: number, length: number, decay: number) => number;
  readonly scale: (destination: number, length: number, factor: number) => void;
  readonly lerp: (destination: number, target: number, length: number, weight: number) => void;
  readonly swap: (one: number, other: number, length: number) => void;
  /** 1 when every number is finite, else 0. */
  readonly finite: (pointer: number, length: number) => number;
}

let compiled: WebAssembly.Module | undefined;

/** Binds the loops to a memory. */
export function instantiateKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNELS_WASM), (letter) => letter.charCodeAt(0)));
  const { adamw, momentum, axpy, squares, decayedSquares, scale, lerp, swap, finite } =
    new WebAssembly.Instance(compiled, { host: { memory } }).exports;
  return { adamw, momentum, axpy, squares, decayedSquares, scale, lerp, swap, finite } as Kernels;
}
