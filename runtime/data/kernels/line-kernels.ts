import { LINES_WASM } from './lines-wasm.ts';

/** The loops of lines.wat over one memory, as that file describes them. Addresses and lengths are in bytes. */
export interface LineKernels {
  readonly combine: (
    from: number,
    stride: number,
    length: number,
    first: number,
    count: number,
    weights: number,
    perOutput: number,
    to: number,
    toStride: number,
    outputs: number,
  ) => void;
  readonly transpose: (
    from: number,
    stride: number,
    lines: number,
    length: number,
    to: number,
    toStride: number,
  ) => void;
  readonly normalize: (
    from: number,
    stride: number,
    width: number,
    height: number,
    table: number,
    to: number,
  ) => void;
}

let compiled: WebAssembly.Module | undefined;

/** Binds the loops to a memory. */
export function instantiateLineKernels(memory: WebAssembly.Memory): LineKernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(LINES_WASM), (letter) => letter.charCodeAt(0)));
  const { combine, transpose, normalize } = new WebAssembly.Instance(compiled, { host: { memory } }).exports;
  return { combine, transpose, normalize } as LineKernels;
}
