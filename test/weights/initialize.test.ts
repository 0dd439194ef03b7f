import { describe, expect, test } from 'vitest';
import type { CompiledParameter } from '../../runtime/model/compiled-spec.ts';
import { drawsNumbers, initialParameters, initialTensor } from '../../runtime/weights/initialize.ts';
import { sinCosTable } from '../../runtime/weights/sincos.ts';
import { loadReferenceCase, recordedFolder, relativeDeviation } from '../reference/reference-case.ts';
import { parameterOf, smallSpec } from './small-spec.ts';

const SHAPE = [100, 200];
const values = (initializer: CompiledParameter['initializer'], seed = 0): Float32Array =>
  initialTensor(parameterOf('some.weight', SHAPE, initializer), seed).data;

function statistics(data: Float32Array) {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { mean, deviation: Math.sqrt(variance), largest };
}

// With 20,000 draws the mean is within 4 / sqrt(20000) = 0.028 deviations, the deviation within 2%, of what it should be.
describe('initializers', () => {
  test('zeros and ones', () => {
    expect(new Set(values({ kind: 'zeros' }))).toEqual(new Set([0]));
    expect(new Set(values({ kind: 'ones' }))).toEqual(new Set([1]));
  });

  test('xavier-uniform is uniform in ±sqrt(6 / (fanIn + fanOut))', () => {
    const limit = Math.sqrt(6 / 300);
    const { mean, deviation, largest } = statistics(
      values({ kind: 'xavier-uniform', fanIn: 200, fanOut: 100 }),
    );
    expect(Math.abs(mean)).toBeLessThan(0.028 * limit);
    expect(deviation).toBeCloseTo(limit / Math.sqrt(3), 3);
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(0.999 * limit);
  });

  test('normal has its deviation, and tails', () => {
    const { mean, deviation, largest } = statistics(values({ kind: 'normal', deviation: 0.02 }));
    expect(Math.abs(mean)).toBeLessThan(0.028 * 0.02);
    expect(deviation / 0.02).toBeCloseTo(1, 1.7);
    // The largest of 20,000 is expected at 4 deviations.
    expect(largest / 0.02).toBeGreaterThan(3.3);
    expect(largest / 0.02).toBeLessThan(5.5);
  });

  test('truncated-normal is cut at ±2, whatever its deviation', () => {
    const wide = statistics(values({ kind: 'truncated-normal', deviation: 2 }));
    expect(wide.largest).toBeLessThanOrEqual(2);
    // A standard normal cut at ±1 has the deviation 0.5396 (sqrt(1 - 2 φ(1) / (2 Φ(1) - 1))).
    expect(wide.deviation / 2).toBeCloseTo(0.5396, 2);
    const narrow = statistics(values({ kind: 'truncated-normal', deviation: 0.02 }));
    expect(narrow.largest / 0.02).toBeGreaterThan(3.3);
    expect(narrow.deviation / 0.02).toBeCloseTo(1, 1.7);
  });

  test('the seed and the name decide what is drawn, and nothing else does', () => {
    const normal = { kind: 'normal', deviation: 1 } as const;
    expect(values(normal, 1)).toEqual(values(normal, 1));
    expect(values(normal, 1)).not.toEqual(values(normal, 2));
    expect(initialTensor(parameterOf('other', SHAPE, normal), 1).data).not.toEqual(values(normal, 1));
    const spec = smallSpec();
    const fewer = { parameters: spec.parameters.filter(({ name }) => name !== 'cls_token') };
    const all = [...initialParameters(spec, 3)];
    expect(all.map(({ name, shape }) => ({ name, shape }))).toEqual(
      spec.parameters.map(({ name, shape }) => ({ name, shape })),
    );
    expect([...initialParameters(fewer, 3)]).toEqual(all.slice(1));
  });

  test('drawsNumbers is true of those that depend on the seed', () => {
    const initializers: CompiledParameter['initializer'][] = [
      { kind: 'zeros' },
      { kind: 'ones' },
      { kind: 'normal', deviation: 1 },
      { kind: 'truncated-normal', deviation: 1 },
      { kind: 'xavier-uniform', fanIn: 1, fanOut: 1 },
      { kind: 'sincos-2d', height: 9, width: 11, prefix: 1 },
    ];
    for (const initializer of initializers) {
      const differs = relativeDeviation(values(initializer, 1), values(initializer, 2)) > 0;
      expect([initializer.kind, drawsNumbers(initializer)]).toEqual([initializer.kind, differs]);
    }
  });
});

describe('sine-cosine positions', () => {
  test('equal the official tables bit for bit', async () => {
    const reference = await loadReferenceCase('i_sincos', recordedFolder);
    const small = sinCosTable({ height: 4, width: 4, prefix: 1, channels: 64 });
    expect(small).toEqual(reference.tensor('pos_embed_64_g4').data);

    const large = sinCosTable({ height: 16, width: 16, prefix: 1, channels: 1280 });
    const rows = reference.float64('rows_1280_g16');
    const actual = new Float32Array(rows.length * 1280);
    rows.forEach((row, i) => {
      actual.set(large.subarray(row * 1280, (row + 1) * 1280), i * 1280);
    });
    expect(actual).toEqual(reference.tensor('pos_embed_1280_g16_rows').data);
    // The whole table, by its recorded sums (float64, before rounding).
    const weighted = large.reduce((sum, value, i) => sum + value * (i % 97), 0);
    expect(weighted / 7179480.301364531).toBeCloseTo(1, 8);
  });

  test.each(['a_mae_tiny', 'c_mae_patch14', 'd_mae_mlp2_mask09'])('equal those of case %s', async (name) => {
    const reference = await loadReferenceCase(name, recordedFolder);
    for (const parameter of ['pos_embed', 'decoder_pos_embed']) {
      const { shape, data } = reference.tensor(parameter);
      const side = Math.sqrt((shape[1] ?? 0) - 1);
      expect(sinCosTable({ height: side, width: side, prefix: 1, channels: shape[2] ?? 0 })).toEqual(data);
    }
  });

  test('of a grid that is not square: the column in the first half, the row in the second', () => {
    const table = sinCosTable({ height: 2, width: 3, prefix: 0, channels: 8 });
    const encoding = (position: number) =>
      [position, position / 100].map(Math.sin).concat([position, position / 100].map(Math.cos));
    const patches = [0, 1].flatMap((row) =>
      [0, 1, 2].flatMap((column) => [...encoding(column), ...encoding(row)]),
    );
    expect(relativeDeviation(table, patches)).toBeLessThan(6e-8);
    expect(() => sinCosTable({ height: 2, width: 3, prefix: 0, channels: 6 })).toThrow('multiple of 4');
  });
});
