import { describe, expect, test } from 'vitest';
import { ParameterArena } from '../../../runtime/engine/optimizer/parameter-arena.ts';
import { Random } from '../../../runtime/random.ts';
import { LENGTHS, parametersOf } from './arenas.ts';

describe('the arena', () => {
  test('has six arrays for a trainable parameter and a value for a frozen one, all zero and aligned', () => {
    const arena = new ParameterArena([
      { name: 'a', elements: 3, trainable: true },
      { name: 'table', elements: 5, trainable: false },
      { name: 'none', elements: 0, trainable: true },
    ]);
    const views = [
      arena.value('a'),
      arena.gradient('a'),
      arena.firstMoment('a'),
      arena.secondMoment('a'),
      arena.microBatchGradient('a'),
      arena.average('a'),
      arena.value('table'),
    ];
    views.forEach((view, i) => {
      expect(view).toEqual(new Float32Array(i === 6 ? 5 : 3));
      expect(view.byteOffset % 64).toBe(0);
      expect(view.buffer).toBeInstanceOf(ArrayBuffer);
      view.fill(i + 1);
    });
    // None overlaps another.
    views.forEach((view, i) => {
      expect(new Set(view)).toEqual(new Set([i + 1]));
    });
    expect(() => arena.gradient('table')).toThrow('no gradient of a parameter table');
    expect(() => arena.value('b')).toThrow('no value of a parameter b');
    expect(arena.arrays('none').length).toBe(0);
    expect(arena.isFinite(arena.value('none'))).toBe(true);
    expect(arena.sumOfSquares(arena.value('none'))).toBe(0);
    arena.scale(arena.value('none'), 2);
    arena.swap(arena.value('none'), arena.average('none'));
  });

  test('spreads over memories of the given size, each parameter in one', () => {
    // Six arrays of 64 bytes each: three parameters fit into 1200 bytes.
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const arena = new ParameterArena(
      [
        ...names.map((name) => ({ name, elements: 9, trainable: true })),
        { name: 'big', elements: 500, trainable: true },
      ],
      1200,
    );
    const buffers = names.map((name) => arena.value(name).buffer);
    expect(buffers.map((buffer) => buffers.indexOf(buffer))).toEqual([0, 0, 0, 3, 3, 3, 6]);
    for (const name of [...names, 'big'])
      expect(arena.secondMoment(name).buffer).toBe(arena.value(name).buffer);
    expect(buffers).not.toContain(arena.value('big').buffer);
  });

  test('refuses a parameter that no memory can hold', () => {
    const huge = { name: 'huge', elements: 2 ** 28, trainable: true };
    expect(() => new ParameterArena([huge])).toThrow('parameter huge needs');
  });

  test('adds scaled gradients of micro-batches', () => {
    const arena = new ParameterArena(parametersOf([7, 2]));
    arena.gradient('p7').set([1, 2, 3, 4, 5, 6, 7]);
    arena.microBatchGradient('p7').set([4, 8, 12, 16, 20, 24, 28]);
    arena.axpy(arena.gradient('p7'), arena.microBatchGradient('p7'), -0.25);
    expect(arena.gradient('p7')).toEqual(new Float32Array(7));
    arena.axpy(arena.gradient('p7'), arena.microBatchGradient('p7'), 0.5);
    expect(arena.gradient('p7')).toEqual(Float32Array.of(2, 4, 6, 8, 10, 12, 14));
    expect(arena.gradient('p2')).toEqual(new Float32Array(2));
    arena.zeroGradients();
    expect(arena.gradient('p7')).toEqual(new Float32Array(7));
    expect(() => arena.axpy(arena.gradient('p7'), arena.gradient('p2'), 1)).toThrow(
      'an array of p2 does not go with one of p7',
    );
    expect(() => arena.axpy(arena.gradient('p7'), new Float32Array(7), 1)).toThrow('none of this arena');
  });

  test('scales, mixes, swaps and sums the squares of all of an array and of nothing else', () => {
    const arena = new ParameterArena(parametersOf(LENGTHS));
    const random = Random.from('arena');
    for (const { name } of arena.parameters) {
      random.fillNormal(arena.value(name));
      random.fillNormal(arena.average(name), 3);
    }
    for (const { name, elements } of arena.parameters) {
      const [value, average] = [arena.value(name), arena.average(name)];
      const before = [...LENGTHS]
        .filter((length) => length !== elements)
        .map((l) => arena.value(`p${l}`).slice());
      const [oldValue, oldAverage] = [value.slice(), average.slice()];
      const squares = oldValue.reduce((sum, x) => sum + x * x, 0);
      expect(arena.sumOfSquares(value)).toBeCloseTo(squares, 10);
      arena.swap(value, average);
      expect([value, average]).toEqual([oldAverage, oldValue]);
      arena.swap(value, average);
      arena.lerp(average, value, 0.25);
      const mixed = oldAverage.map((x, i) =>
        Math.fround(x + Math.fround(Math.fround((oldValue[i] ?? 0) - x) * 0.25)),
      );
      expect(average).toEqual(mixed);
      arena.scale(value, -0.5);
      expect(value).toEqual(oldValue.map((x) => -0.5 * x));
      const after = [...LENGTHS].filter((length) => length !== elements).map((l) => arena.value(`p${l}`));
      expect(after).toEqual(before);
    }
  });

  test('sums squares that float32 cannot hold', () => {
    const arena = new ParameterArena(parametersOf([5]));
    arena.value('p5').set([1e30, 3e-30, -2e30, 0, 2e30]);
    expect(arena.sumOfSquares(arena.value('p5')) / 9e60).toBeCloseTo(1, 6);
    arena.value('p5').set([1e-30, 0, 0, 0, -2e-30]);
    expect(arena.sumOfSquares(arena.value('p5')) / 5e-60).toBeCloseTo(1, 6);
  });

  test('finds a number that is not finite anywhere, and takes none for one that is', () => {
    const arena = new ParameterArena(parametersOf(LENGTHS));
    for (const length of LENGTHS) {
      const view = arena.gradient(`p${length}`);
      view.fill(-3.4028234663852886e38);
      view[length >> 1] = 1e-45;
      expect(arena.isFinite(view)).toBe(true);
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        for (const at of new Set([0, length >> 1, length - 1])) {
          const before = view[at] ?? 0;
          view[at] = value;
          expect(arena.isFinite(view)).toBe(false);
          view[at] = before;
        }
      }
      expect(arena.isFinite(view)).toBe(true);
    }
  });
});
