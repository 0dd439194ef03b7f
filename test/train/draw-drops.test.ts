import { describe, expect, it } from 'vitest';
import type { CompiledGraph } from '../../runtime/model/compiled-spec.ts';
import { drawDrops } from '../../runtime/train/draw-drops.ts';

type Input = CompiledGraph['inputs'][number];

const random = (name: string, keep: number, tokens: number, width: number): Input => ({
  name,
  role: 'random',
  type: 'float32',
  shape: [{ perExample: tokens }, width],
  keep,
});
const images: Input = {
  name: 'images',
  role: 'images',
  type: 'float32',
  shape: [{ perExample: 1 }, 3, 8, 8],
};
const path = random('drop-path:blocks.1.attn', 0.75, 1, 1);
const other = random('drop-path:blocks.1.mlp', 0.75, 1, 1);
const dropout = random('dropout:blocks.1.mlp.fc1', 0.9, 5, 16);

function drawn(inputs: readonly Input[], pictures: readonly number[], ...keys: number[]) {
  const drops = drawDrops({ inputs: [...inputs] }, pictures, ...keys);
  return (input: Input) => drops.get(input.name) ?? new Float32Array();
}

/** How often what is drawn of `keep` may be kept: five standard deviations of the binomial distribution. */
function expectKept(factors: Float32Array, keep: number): void {
  const kept = factors.filter((factor) => factor > 0).length;
  const bound = 5 * Math.sqrt(factors.length * keep * (1 - keep));
  expect(Math.abs(kept - factors.length * keep)).toBeLessThan(bound);
}

describe('drawn drops', () => {
  it('are for the random inputs of a graph and no others, of the sizes that they ask for', () => {
    const drops = drawDrops({ inputs: [images, path, dropout] }, [4, 9, 2], 0);
    expect(Array.from(drops, ([name, { length }]) => [name, length])).toEqual([
      [path.name, 3],
      [dropout.name, 3 * 5 * 16],
    ]);
  });

  it('are 1 / keep as often as keep says, and 0 otherwise, so that their mean is 1', () => {
    const pictures = Array.from({ length: 4000 }, (_, picture) => picture);
    const of = drawn([path, dropout], pictures, 3);
    expect(new Set(of(path))).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(new Set(of(dropout))).toEqual(new Set([0, Math.fround(1 / 0.9)]));
    expectKept(of(path), 0.75);
    expectKept(of(dropout), 0.9);
    for (let place = 0; place < 80; place += 13) {
      expectKept(
        of(dropout).filter((_, i) => i % 80 === place),
        0.9,
      );
    }
  });

  it('of the two branches of a block are independent', () => {
    const pictures = Array.from({ length: 4000 }, (_, picture) => picture);
    const of = drawn([path, other], pictures, 3);
    const both = of(path).map((factor, i) => factor * (of(other)[i] ?? 0));
    expectKept(both, 0.75 ** 2);
  });

  it('depend on the picture, the keys and the input, not on the batch or on what else is drawn', () => {
    const together = drawn([path, other, dropout], [3, 5, 9], 7, 2)(dropout);
    const alone = drawn([dropout], [5], 7, 2)(dropout);
    expect(together.slice(80, 160)).toEqual(alone);
    const others = [
      alone,
      drawn([dropout], [5], 7, 3)(dropout),
      drawn([dropout], [5], 8, 2)(dropout),
      drawn([dropout], [6], 7, 2)(dropout),
      drawn(
        [{ ...dropout, name: 'dropout:blocks.2.mlp.fc1' }],
        [5],
        7,
        2,
      )({ ...dropout, name: 'dropout:blocks.2.mlp.fc1' }),
    ];
    expect(new Set(others.map((factors) => factors.join())).size).toBe(others.length);
  });
});
