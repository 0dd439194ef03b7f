import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { resizePositions } from '../../../runtime/engine/tfjs/ops/resize-positions.ts';
import type { Matrix } from '../../../runtime/engine/tfjs/shapes.ts';
import { Random } from '../../../runtime/random.ts';
import { interpolatePositions } from '../../../runtime/weights/transfer/interpolate-positions.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';

const OWN = { rows: 5, columns: 7 } as const;
const WIDTH = 6;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it.each([
  [9, 11],
  [3, 2],
  [1, 20],
  [5, 3],
  [9, 11],
])(
  'positions of 5x7 patches become those of %ix%i as fine-tuning makes them, and nothing else stays',
  async (rows, columns) => {
    const random = Random.from('resize-positions');
    const numbers = Float32Array.from({ length: OWN.rows * OWN.columns * WIDTH }, () => random.normal());
    const table = tf.tensor2d(numbers, [OWN.rows * OWN.columns, WIDTH]) as Matrix<35, 6>;
    const before = tf.memory().numTensors;
    const resized = resizePositions(table, [OWN.rows, OWN.columns], {
      rows,
      columns,
      patches: rows * columns,
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(resized.shape).toEqual([rows * columns, WIDTH]);
    const expected = interpolatePositions(
      numbers,
      { grid: { height: OWN.rows, width: OWN.columns }, prefix: 0 },
      { grid: { height: rows, width: columns }, prefix: 0 },
    );
    expect(relativeDeviation(await resized.data(), expected)).toBeLessThan(1e-6);
    resized.dispose();
    table.dispose();
  },
);
