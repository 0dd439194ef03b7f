import { describe, expect, it } from 'vitest';
import { openSource } from '../../../runtime/data/open-source.ts';
import { Pictures, readForEvaluation } from '../../../runtime/data/pictures.ts';
import { resizeFloatInto } from '../../../runtime/data/resize-float.ts';
import { decodeNpy } from '../../../runtime/data/sources/npy.ts';
import { scratchFolder } from '../scratch-folder.ts';
import recorded from './fixtures/arrays.json' with { type: 'json' };

const saved = (name: keyof Omit<typeof recorded, 'resized floats'>) => Buffer.from(recorded[name], 'base64');

const count = (length: number) => Array.from({ length }, (_, i) => i);

describe('what numpy.save writes', () => {
  it('is read with the channels first or last, as the model has them', () => {
    const last = decodeNpy(saved('uint8 [4,2,3]'));
    expect([last.height, last.width, last.channels]).toEqual([4, 2, 3]);
    expect([...last.data]).toEqual(count(24).map((i) => i * 10));
    const first = decodeNpy(saved('uint8 [4,2,3]'), 4);
    expect([first.height, first.width, first.channels]).toEqual([2, 3, 4]);
    // Channel 1 of pixel 2 is element 6 + 2.
    expect(first.data[2 * 4 + 1]).toBe(80);
  });

  it.each(['uint16 [2,3,4]', 'big-endian uint16 [2,3,4]'] as const)('%s is over 65535', (name) => {
    const { height, width, channels, data } = decodeNpy(saved(name));
    expect([height, width, channels]).toEqual([3, 4, 2]);
    expect(data[5 * 2 + 1]).toBe(Math.fround((17 * 2849) / 65535));
  });

  it('float32 is as it is, and two axes are one channel', () => {
    const { height, width, channels, data } = decodeNpy(saved('float32 [2,3]'));
    expect([height, width, channels]).toEqual([2, 3, 1]);
    expect([...data]).toEqual([-1, -0.4, 0.2, 0.8, 1.4, 2].map(Math.fround));
  });

  it.each([
    [saved('float64'), 'its numbers are f8, not uint8, uint16 or float32'],
    [saved('fortran'), 'it is in Fortran order'],
    [saved('not finite'), 'it holds numbers that are not finite'],
    [saved('uint16 [2,3,4]').subarray(0, -2), 'it holds 46 bytes of numbers, but its shape takes 48'],
    [Buffer.from('a picture, it says'), 'it is not a NumPy array'],
  ])('other arrays are errors (%#)', (file, message) => {
    expect(() => decodeNpy(file)).toThrow(message);
  });
});

it.each(['smaller', 'larger'] as const)('numbers are resized as Pillow resizes them: %s', (name) => {
  const { source, [name]: wanted } = recorded['resized floats'];
  const { height, width, values } = wanted;
  const target = new Float32Array(height * width);
  const image = { mean: [0.5], deviation: [2] };
  const placement = {
    source: { top: 2, left: 1, height: 7, width: 9 },
    resized: { height, width },
    window: { top: 0, left: 0, height, width },
    flip: true,
  };
  const pixels = { height: 9, width: 11, channels: 1, data: Float32Array.from(source) };
  resizeFloatInto(pixels, placement, image, target);
  for (let i = 0; i < target.length; i++) {
    const mirrored = i - (i % width) + width - 1 - (i % width);
    expect(target[mirrored]).toBeCloseTo(((values[i] ?? 0) - 0.5) / 2, 5);
  }
});

describe('a folder of arrays', () => {
  const image = (channels: number) => ({
    height: 3,
    width: 4,
    channels,
    mean: new Array<number>(channels).fill(0),
    deviation: new Array<number>(channels).fill(1),
  });

  it('trains models of as many channels', async () => {
    const folder = await scratchFolder({ 'a/1.npy': saved('uint16 [2,3,4]'), 'b/2.npy': saved('float64') });
    const source = await openSource(folder, { channels: 2 });
    expect([source.kind, source.content, source.classes]).toEqual([
      'folder of NumPy arrays',
      'raw',
      ['a', 'b'],
    ]);
    const skipped: string[] = [];
    const onSkipped = ({ reason }: { reason: string }) => skipped.push(reason);
    const { images, indices } = await readForEvaluation(
      new Pictures({ source, image: image(2), onSkipped }),
      [0, 1],
    );
    expect(indices).toEqual([0, 0]);
    expect(skipped).toEqual(['its numbers are f8, not uint8, uint16 or float32']);
    count(24).forEach((i) => {
      expect(images[i]).toBeCloseTo((i * 2849) / 65535, 6);
    });
  });

  it('of other channels is refused', async () => {
    const folder = await scratchFolder({ '1.npy': saved('uint16 [2,3,4]') });
    const pictures = new Pictures({ source: await openSource(folder), image: image(12) });
    await expect(readForEvaluation(pictures, [0])).rejects.toThrow(
      "it has 2 channels, but the model's images have 12",
    );
  });
});
