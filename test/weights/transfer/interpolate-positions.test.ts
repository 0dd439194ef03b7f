import { describe, expect, test } from 'vitest';
import { interpolatePositions } from '../../../runtime/weights/transfer/interpolate-positions.ts';
import { loadReferenceCase, referenceCaseNames, relativeDeviation } from '../../reference/reference-case.ts';

const references = await Promise.all((await referenceCaseNames()).map((name) => loadReferenceCase(name)));
const cases = references.filter(({ kind }) => kind === 'interpolate_pos_embed');

const square = (side: number) => ({ height: side, width: side });
const table = (height: number, width: number, prefix = 0) => ({ grid: { height, width }, prefix });

test.each(cases.map((reference) => [reference.name, reference] as const))(
  'reference case %s',
  (_, reference) => {
    const { grid_old, grid_new } = reference.config;
    const from = { grid: square(Number(grid_old)), prefix: 1 };
    const to = { grid: square(Number(grid_new)), prefix: 1 };
    const resized = interpolatePositions(reference.tensor('pos_embed_in').data, from, to);
    // The recorded values were rounded to float32, as these are.
    expect(relativeDeviation(resized, reference.tensor('pos_embed_out').data)).toBeLessThan(1e-7);
  },
);

/** Of i in row-major order: (0.37 i^2) mod 1.7. */
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => (i * i * 0.37) % 1.7);

/** What torch.nn.functional.interpolate(values, mode='bicubic', align_corners=False) gives in float64 (PyTorch 2.15). */
const RECORDED = [
  {
    from: table(2, 3),
    to: table(4, 5),
    expected: [
      -0.2193816, -0.06894688, 0.3225391, 1.113625, 1.6755, 0.3594419, 0.3484562, 0.4719531, 0.99505,
      1.395504, 1.312798, 1.035944, 0.7180469, 0.79975, 0.9343356, 1.891622, 1.453347, 0.8674609, 0.681175,
      0.6543403,
    ],
  },
  {
    from: table(5, 4),
    to: table(3, 2),
    expected: [0.2505208, 1.579109, 1.303437, 0.9565625, 1.272465, 1.044572],
  },
  {
    from: table(4, 4),
    to: table(4, 6),
    expected: [
      -0.03211806, 0.0809375, 0.5588194, 1.314097, 1.659063, 1.643021, 0.8260764, 0.7221875, 0.8451157,
      1.347801, 1.337813, 1.104826, 1.624271, 1.303437, 1.071412, 1.321505, 0.9565625, 0.5066319, 0.5148958,
      0.9746875, 1.355764, 1.117153, 1.365312, 1.696007,
    ],
  },
];

describe('grids of any shape', () => {
  test.each(RECORDED)('$from.grid → $to.grid', ({ from, to, expected }) => {
    const { height, width } = from.grid;
    const resized = interpolatePositions(values(height * width), from, to);
    expect(relativeDeviation(resized, expected)).toBeLessThan(5e-7);
  });

  test('the same grid stays as it is', () => {
    expect(interpolatePositions(values(12), table(4, 3), table(4, 3))).toEqual(values(12));
  });

  test('the rows before the patches are kept, and new ones are zeros', () => {
    // Two channels: the class token's row, then one patch.
    const one = Float32Array.of(7, 8, 1, 2);
    const resized = interpolatePositions(one, table(1, 1, 1), table(1, 2, 2));
    expect([...resized]).toEqual([7, 8, 0, 0, 1, 2, 1, 2]);
  });
});
