import { describe, expect, it } from 'vitest';
import { relativeDeviation } from '../reference/reference-case.ts';
import { BATCH, floats, graphOf, pictures, run } from './sized-graphs.ts';

/** Images [batch, 3, height, width] with zeros on the right and at the bottom. */
function padded(images: Float32Array, [h, w]: readonly [number, number], [H, W]: readonly [number, number]) {
  const whole = new Float32Array(BATCH * 3 * H * W);
  for (let plane = 0; plane < BATCH * 3; plane++) {
    for (let row = 0; row < h; row++) {
      const from = (plane * h + row) * w;
      whole.set(images.subarray(from, from + w), (plane * H + row) * W);
    }
  }
  return whole;
}

describe.each(['encoder', 'finetune', 'linear-probe'] as const)('the %s', (name) => {
  const outputs = name === 'encoder' ? ['features'] : ['logits', 'features'];

  it.each([
    [16, 16],
    [24, 12],
    [8, 40],
  ])(
    'of a model that accepts multiples computes on %ix%i what one of that size does',
    async (height, width) => {
      const images = pictures(height, width);
      const free = await run(graphOf({ accept: 'multiples' }, name), images, [height, width]);
      const grid = { height: height / 4, width: width / 4 };
      const own = await run(graphOf({ image: [height, width, 3] }, name), images, [height, width], grid);
      for (const output of outputs) {
        expect(free[output]?.dims).toEqual(own[output]?.dims);
        expect(relativeDeviation(floats(free, output), floats(own, output)), output).toBeLessThan(2e-5);
      }
    },
  );

  it('of a model that accepts any size pads with zeros to whole patches', async () => {
    const images = pictures(13, 22);
    const free = await run(graphOf({ accept: 'any' }, name), images, [13, 22]);
    const whole = padded(images, [13, 22], [16, 24]);
    const own = await run(graphOf({ image: [16, 24, 3] }, name), whole, [16, 24], { height: 4, width: 6 });
    for (const output of outputs) {
      expect(relativeDeviation(floats(free, output), floats(own, output)), output).toBeLessThan(2e-5);
    }
  });

  it('of a model that accepts one size refuses others and says both', async () => {
    const refused = run(graphOf({}, name), pictures(24, 16), [24, 16]);
    await expect(refused).rejects.toThrow(/Got: 24 Expected: 16/);
  });
});

it('positions that are not there need no interpolation', async () => {
  const images = pictures(8, 24);
  const free = await run(graphOf({ accept: 'multiples', positions: 'none' }, 'encoder'), images, [8, 24]);
  const own = await run(graphOf({ positions: 'none', image: [8, 24, 3] }, 'encoder'), images, [8, 24]);
  expect(relativeDeviation(floats(free, 'features'), floats(own, 'features'))).toBeLessThan(2e-6);
});
