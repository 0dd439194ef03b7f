import { ADAMW_WASM } from './adamw-wasm.ts';

/**
 * The loops of adamw.wat over one memory. Pointers and lengths are in bytes, multiples of 16; lengths are not
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
  readonly axpy: (destination: number, source: number, length: number, scale: number) => void;
  /** 1 when every number is finite, else 0. */
  readonly finite: (pointer: number, length: number) => number;
}

let compiled: WebAssembly.Module | undefined;

/** Binds the loops to a memory. */
export function instantiateKernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(ADAMW_WASM), (letter) => letter.charCodeAt(0)));
  const { adamw, axpy, finite } = new WebAssembly.Instance(compiled, { host: { memory } }).exports;
  return { adamw, axpy, finite } as Kernels;
}
