import { describe, expect, test } from 'vitest';
import { quantizeMatrix } from '../../runtime/export/int8.ts';
import { Random } from '../../runtime/random.ts';

/** [inputs, outputs], each output of another size. */
const [inputs, outputs] = [50, 7];
const weight = Random.from('int8').fillNormal(new Float32Array(inputs * outputs));
weight.forEach((value, i) => {
  weight[i] = value * 10 ** ((i % outputs) - 3);
});

describe('a matrix in int8', () => {
  test('is within half a step of what it was, each output with its own step', () => {
    const { values, scales } = quantizeMatrix(weight, { inputs, outputs, transposed: false });
    weight.forEach((value, i) => {
      const scale = scales[i % outputs] ?? Number.NaN;
      // Beside the rounding to a whole number that of the scale to float32.
      expect(Math.abs((values[i] ?? Number.NaN) * scale - value)).toBeLessThan(scale * 0.50002);
    });
    for (let output = 0; output < outputs; output++) {
      const column = [...weight].filter((_, i) => i % outputs === output).map(Math.abs);
      expect(scales[output]).toBe(Math.fround(Math.max(...column) / 127));
      const sizes = [...values].filter((_, i) => i % outputs === output).map(Math.abs);
      expect(Math.max(...sizes)).toBe(127);
    }
  });

  test('is [inputs, outputs] however it was stored', () => {
    const rows = Float32Array.of(127, 2, -3, 254, -20, 40);
    const quantized = quantizeMatrix(rows, { inputs: 3, outputs: 2, transposed: true });
    expect([...quantized.values]).toEqual([127, 127, 2, -10, -3, 20]);
    expect([...quantized.scales]).toEqual([1, 2]);
    const columns = Float32Array.of(127, 254, 2, -20, -3, 40);
    expect(quantizeMatrix(columns, { inputs: 3, outputs: 2, transposed: false })).toEqual(quantized);
  });

  test('may have outputs without any weight', () => {
    const { values, scales } = quantizeMatrix(new Float32Array(6), {
      inputs: 3,
      outputs: 2,
      transposed: false,
    });
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...scales]).toEqual([1, 1]);
  });
});
