import { describe, expect, test } from 'vitest';
import { drawMasking, type MaskedModel } from '../../runtime/train/draw-masking.ts';
import type { Masking } from '../../runtime/train/masking.ts';

const SIDE = 12;

function masked(kind: MaskedModel['model']['mask']['kind'], visible: number, unit = 1): MaskedModel {
  const patches = SIDE * SIDE;
  return {
    model: {
      image: { height: 4 * SIDE, width: 4 * SIDE, channels: 3, mean: [], deviation: [] },
      patch: { height: 4, width: 4 },
      mask: {
        kind,
        ratio: 1 - visible / patches,
        unit: { height: unit, width: unit },
        tokensInEncoder: false,
      },
    },
    tokens: { patches, visible, prefix: 1 },
  };
}

/** Rows of '#' (removed) and '.' of the first picture. */
function drawn({ mask }: Masking): string[] {
  const text = Array.from(mask.subarray(0, SIDE * SIDE), (removed) => (removed === 1 ? '#' : '.')).join('');
  return Array.from({ length: SIDE }, (_, row) => text.slice(row * SIDE, (row + 1) * SIDE));
}

/** How many pairs of neighbouring patches are both removed or both kept. */
function equalNeighbours({ mask }: Masking): number {
  let equal = 0;
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const patch = row * SIDE + column;
      if (column + 1 < SIDE && mask[patch] === mask[patch + 1]) equal++;
      if (row + 1 < SIDE && mask[patch] === mask[patch + SIDE]) equal++;
    }
  }
  return equal;
}

describe('a masking', () => {
  test.each(['random', 'block', 'grid', 'regular'] as const)(
    'of kind %s leaves exactly as many patches as the model takes',
    (kind) => {
      const model = masked(kind, 36, 3);
      const { mask } = drawMasking(model, [1, 2, 3, 4], 0);
      for (let picture = 0; picture < 4; picture++) {
        const own = mask.subarray(picture * SIDE * SIDE, (picture + 1) * SIDE * SIDE);
        expect(own.filter((removed) => removed === 0)).toHaveLength(36);
      }
    },
  );

  test.each(['random', 'block', 'grid', 'regular'] as const)(
    'of kind %s counts partly padded patches too',
    (kind) => {
      const model = masked(kind, 36, 3);
      const padded = {
        ...model,
        model: { ...model.model, image: { ...model.model.image, height: 46, width: 45 } },
      };
      expect(drawMasking(padded, [1, 2], 0)).toEqual(drawMasking(model, [1, 2], 0));
    },
  );

  test('depends on the picture and the keys, not on the batch', () => {
    const model = masked('random', 36);
    const together = drawMasking(model, [3, 5, 9], 7, 2);
    const alone = drawMasking(model, [5], 7, 2);
    expect(together.shuffle.slice(SIDE * SIDE, 2 * SIDE * SIDE)).toEqual(alone.shuffle);
    const others = [drawMasking(model, [5], 7, 3), drawMasking(model, [6], 7, 2), alone];
    expect(new Set(others.map(({ shuffle }) => shuffle.join())).size).toBe(3);
  });

  test('of kind random removes every patch as often as any other', () => {
    const model = masked('random', 36);
    const pictures = Array.from({ length: 2000 }, (_, picture) => picture);
    const { mask } = drawMasking(model, pictures, 0);
    const removed = new Array<number>(SIDE * SIDE).fill(0);
    mask.forEach((value, index) => {
      removed[index % (SIDE * SIDE)] = (removed[index % (SIDE * SIDE)] ?? 0) + value;
    });
    // 1500 of 2000 expected; five standard deviations of the binomial distribution.
    const bound = 5 * Math.sqrt(2000 * 0.75 * 0.25);
    for (const count of removed) expect(Math.abs(count - 1500)).toBeLessThan(bound);
  });

  test('of kind grid removes whole units', () => {
    for (const picture of [1, 2, 3]) {
      const rows = drawn(drawMasking(masked('grid', 36, 3), [picture], 0));
      for (let row = 0; row < SIDE; row += 3) {
        expect(rows[row + 1]).toBe(rows[row]);
        expect(rows[row + 2]).toBe(rows[row]);
        expect(rows[row]).toMatch(/^(\.\.\.|###){4}$/);
      }
    }
  });

  test('of kind regular keeps every second row and column at 75%', () => {
    const rows = drawn(drawMasking(masked('regular', 36), [1], 0));
    expect(rows).toEqual(
      Array.from({ length: SIDE }, (_, row) => (row % 2 === 0 ? '.#' : '##').repeat(SIDE / 2)),
    );
  });

  test('of kind block removes patches in larger pieces than a random one', () => {
    const pictures = Array.from({ length: 20 }, (_, picture) => picture);
    const pieces = (kind: 'random' | 'block') =>
      pictures.reduce(
        (sum, picture) => sum + equalNeighbours(drawMasking(masked(kind, 72), [picture], 0)),
        0,
      );
    expect(pieces('block')).toBeGreaterThan(1.5 * pieces('random'));
  });
});
