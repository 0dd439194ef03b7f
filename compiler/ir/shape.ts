/** A dimension that grows with the batch: so many per picture. */
export interface PerExample {
  readonly perExample: number;
}

export type Dimension = number | PerExample;
export type Shape = readonly Dimension[];
export type ElementType = keyof typeof ELEMENT_BYTES;

export interface TensorType {
  readonly type: ElementType;
  readonly shape: Shape;
}

export const ELEMENT_BYTES = { float32: 4, float16: 2, int32: 4 } as const;

export function perExample(count: number): PerExample {
  return { perExample: count };
}

export function float32(...shape: Dimension[]): TensorType {
  return { type: 'float32', shape };
}

export function int32(...shape: Dimension[]): TensorType {
  return { type: 'int32', shape };
}

export function sameDimension(a: Dimension | undefined, b: Dimension | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.perExample === b.perExample;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => sameDimension(dimension, b[axis]));
}

/** How many elements a tensor has for one picture; of a tensor without a batch dimension, all of them. */
export function elementsPerExample(shape: Shape): number {
  return shape.reduce<number>((product, d) => product * (typeof d === 'number' ? d : d.perExample), 1);
}

/** Whether the tensor grows with the batch. */
export function isBatched(shape: Shape): boolean {
  return shape.some((dimension) => typeof dimension !== 'number');
}

/** "[batch*50, 768]", for messages and for the names of ONNX dimensions. */
export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDimension).join(', ')}]`;
}

export function formatDimension(dimension: Dimension): string {
  if (typeof dimension === 'number') return String(dimension);
  return dimension.perExample === 1 ? 'batch' : `batch*${dimension.perExample}`;
}
