/** A tensor in a file that is open: its numbers are read when they are asked for. */
export interface SourceTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its numbers, row-major, as float32. Throws a `UserError` when they cannot be read. */
  readonly read: () => Promise<Float32Array>;
}

/** Tensors by their names. */
export type SourceTensors = ReadonlyMap<string, SourceTensor>;

/** The same tensor under another name. */
export function renamed(tensor: SourceTensor, name: string): SourceTensor {
  return { name, shape: tensor.shape, read: tensor.read };
}

/** Of a shape: how many numbers it holds. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
