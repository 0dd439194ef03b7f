import { describe, expect, it } from 'vitest';
import {
  decodeNumbers,
  describeLargest,
  differenceOf,
  joinDifferences,
} from '../../compiler/diff/weights/numbers.ts';
import { inStoredOrder, possibleLayouts, storedLayouts } from '../../compiler/diff/weights/stored-layout.ts';
import { toStoredLayout } from '../../runtime/weights/layout.ts';
import { modelSpec } from '../support/specs.ts';

const bits = (...values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);

describe('numbers of a file', () => {
  it.each([
    // 1, -2, the largest, the smallest, infinity: IEEE 754 binary16 by its definition.
    [
      'float16',
      bits(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00),
      [1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY],
    ],
    // The upper halves of 1, -2 and pi as float32 (0x3f800000, 0xc0000000, 0x40490fdb).
    ['bfloat16', bits(0x3f80, 0xc000, 0x4049), [1, -2, 3.140625]],
    ['float32', new Uint8Array(Float32Array.of(0.1).buffer), [Math.fround(0.1)]],
    ['float64', new Uint8Array(Float64Array.of(0.1).buffer), [0.1]],
  ])('are read as %s, wherever they begin', (type, bytes, expected) => {
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect([...(decodeNumbers({ type, bytes: shifted.subarray(1) }) ?? [])]).toEqual(expected);
  });

  it('are none of other types, or of half a number', () => {
    expect(decodeNumbers({ type: 'int64', bytes: new Uint8Array(8) })).toBeUndefined();
    expect(decodeNumbers({ type: 'float32', bytes: new Uint8Array(6) })).toBeUndefined();
  });
});

describe('the difference of two tensors', () => {
  it('counts other bits, zeros of another sign too, and measures the largest distance', () => {
    const old = Float32Array.of(1, 0, -3, 5);
    expect(differenceOf(old, Float32Array.of(1, 0, -3, 5))).toEqual({ differing: 0, of: 4, largest: 0 });
    expect(differenceOf(old, Float32Array.of(1, -0, -2.5, 3))).toEqual({ differing: 3, of: 4, largest: 2 });
  });

  it('is not finite where a number is not, and none where both are the same', () => {
    const infinite = Float32Array.of(Number.POSITIVE_INFINITY, Number.NaN);
    expect(differenceOf(infinite, infinite.slice())).toEqual({ differing: 0, of: 2, largest: 0 });
    expect(differenceOf(infinite, Float32Array.of(0, 0))).toEqual({ differing: 2, of: 2, largest: null });
  });

  it('of several pairs is the sum and the largest', () => {
    const a = { differing: 1, of: 4, largest: 0.0312 };
    expect(joinDifferences([a, { differing: 2, of: 3, largest: 0.5 }])).toEqual({
      differing: 3,
      of: 7,
      largest: 0.5,
    });
    expect(describeLargest(a)).toBe('by at most 0.031');
    expect(describeLargest(joinDifferences([a, { ...a, largest: null }]))).toBe('some of them not finite');
  });
});

describe('the layout that ONNX files have', () => {
  it('is the one that the runtime writes', () => {
    const spec = modelSpec({ encoder: [16, 1, 2], decoder: [8, 1, 2] });
    for (const [name, { permutation, storedShape }] of storedLayouts({ spec, knows: ['pretrain'] })) {
      // The official axes, from the stored ones in the order of the permutation; merged axes are in none of the tests below.
      if (storedShape.length !== permutation.length) continue;
      const shape = permutation.map((_, axis) => storedShape[permutation.indexOf(axis)] ?? 0);
      const official = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index);
      const stored = new Float32Array(official.length);
      toStoredLayout({ shape, permutation }, official, stored);
      expect(inStoredOrder(official, shape, { permutation }), name).toEqual(stored);
    }
  });

  it('of a patch embedding is a matrix: rows, columns and channels merged', () => {
    // [outputs 2, channels 1, rows 2, columns 2] stored as [rows * columns * channels, outputs].
    const stored = inStoredOrder(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 1, 2, 2], {
      permutation: [2, 3, 1, 0],
    });
    expect([...stored]).toEqual([1, 5, 2, 6, 3, 7, 4, 8]);
  });

  it('may be the plain or the transposed one where nothing is known', () => {
    expect(possibleLayouts([2, 3], [3, 2], undefined)).toEqual([
      { permutation: [1, 0], storedShape: [3, 2] },
    ]);
    expect(possibleLayouts([3, 3], [3, 3], undefined)).toHaveLength(2);
    expect(possibleLayouts([2, 3], [6], undefined)).toEqual([]);
  });
});
