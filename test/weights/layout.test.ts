import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { permuteAxes, toOfficialLayout, toStoredLayout } from '../../runtime/weights/layout.ts';

/**
 * The definition: the element at result index (i0, i1, …) is the source's with index permutation[k] equal to
 * ik.
 */
function permuteByDefinition(
  source: Float32Array,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array {
  const result = new Float32Array(source.length);
  const sides = permutation.map((axis) => shape[axis] ?? 0);
  for (let flat = 0; flat < result.length; flat++) {
    const index = shape.map(() => 0);
    let rest = flat;
    for (let k = sides.length - 1; k >= 0; k--) {
      const side = sides[k] ?? 1;
      index[permutation[k] ?? 0] = rest % side;
      rest = Math.floor(rest / side);
    }
    result[flat] =
      source[index.reduce((offset, i, axis) => offset * (shape[axis] ?? 1) + i, 0)] ?? Number.NaN;
  }
  return result;
}

const counting = (elements: number): Float32Array => Float32Array.from({ length: elements }, (_, i) => i + 1);

describe('permuteAxes', () => {
  test('transposes a matrix', () => {
    const result = new Float32Array(6);
    permuteAxes(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0], result);
    expect(result).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  test.each([
    { shape: [70, 33], permutation: [1, 0] },
    { shape: [64, 96], permutation: [1, 0] },
    { shape: [40, 3, 14, 14], permutation: [2, 3, 1, 0] },
    { shape: [40, 1, 14, 14], permutation: [2, 3, 1, 0] },
    { shape: [2, 3, 4, 5], permutation: [0, 2, 1, 3] },
    { shape: [1, 17, 8], permutation: [1, 2, 0] },
    { shape: [5, 6], permutation: [0, 1] },
    { shape: [7], permutation: [0] },
    { shape: [], permutation: [] },
  ])('$shape by $permutation is as defined', ({ shape, permutation }) => {
    const source = counting(shape.reduce((product, side) => product * side, 1));
    const result = new Float32Array(source.length);
    permuteAxes(source, shape, permutation, result);
    expect(result).toEqual(permuteByDefinition(source, shape, permutation));
  });

  test('refuses arrays of another length', () => {
    expect(() => permuteAxes(new Float32Array(6), [2, 3], [1, 0], new Float32Array(5))).toThrow(RangeError);
    expect(() => permuteAxes(new Float32Array(5), [2, 3], [1, 0], new Float32Array(6))).toThrow(RangeError);
  });
});

test('any permutation of any shape is as defined, and the way back undoes it', () => {
  const layouts = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 }).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      permutation: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    }),
  );
  fc.assert(
    fc.property(layouts, (layout) => {
      const official = counting(layout.shape.reduce((product, side) => product * side, 1));
      const stored = new Float32Array(official.length);
      const back = new Float32Array(official.length);
      toStoredLayout(layout, official, stored);
      expect(stored).toEqual(permuteByDefinition(official, layout.shape, layout.permutation));
      toOfficialLayout(layout, stored, back);
      expect(back).toEqual(official);
    }),
    { seed: 2, numRuns: 300 },
  );
});
