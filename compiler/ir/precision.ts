import { assert } from './assert.ts';
import type { ElementType, TensorType } from './shape.ts';

/**
 * What an op computes in where a step computes in float16, as PyTorch's lists have it ("Automatic Mixed Precision package",
 * op-specific behaviour): `half` in float16, as matrix products; `full` in float32, as norms, softmax, losses and sums over many
 * numbers; `inherited` in the widest type of its inputs, as what moves or combines numbers. `conversion` is the change from
 * one to the other.
 */
export type Precision = 'half' | 'full' | 'inherited' | 'conversion';

/** The type that an op of a step in float16 takes its numbers in. Row numbers stay what they are. */
export function computingType(
  precision: Precision,
  inputs: readonly TensorType[],
): Exclude<ElementType, 'int32'> {
  assert(precision !== 'conversion', 'a conversion computes in two types');
  if (precision === 'half') return 'float16';
  const isWide = precision === 'full' || numbers(inputs).some(({ type }) => type === 'float32');
  return isWide || numbers(inputs).length === 0 ? 'float32' : 'float16';
}

interface Computing {
  readonly name: string;
  readonly precision: Precision;
}

/** The types of an op's outputs, given those that it has where all is float32. Asserts that its inputs are of one type, which it may have. */
export function outputTypes(
  { name, precision }: Computing,
  inputs: readonly TensorType[],
  plain: readonly TensorType[],
): readonly TensorType[] {
  if (precision === 'conversion' || !inputs.some(({ type }) => type === 'float16')) return plain;
  assert(precision !== 'full', `${name} computes in float32 only`);
  assert(
    numbers(inputs).every(({ type }) => type === 'float16'),
    `${name} takes float16 or float32, not both`,
  );
  return plain.map((output) =>
    isNumber(output) ? { ...output, type: 'float16' satisfies ElementType } : output,
  );
}

function numbers(types: readonly TensorType[]): readonly TensorType[] {
  return types.filter(isNumber);
}

function isNumber({ type }: TensorType): boolean {
  return type !== 'int32';
}
