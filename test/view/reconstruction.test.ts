import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../runtime/user-error.ts';
import { patchPositions } from '../../runtime/view/patches.ts';
import {
  drawReconstruction,
  type ReconstructionDrawing,
  renderReconstruction,
} from '../../runtime/view/reconstruction.ts';
import { scratchFolder } from '../data/scratch-folder.ts';

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly patch: readonly [number, number];
  readonly channels: number;
  readonly count: number;
}

/**
 * Pictures whose left half is dark and right half bright, every second patch removed, and a prediction of pixels that is 0.5
 * everywhere.
 */
function drawingOf({ height, width, patch, channels, count }: Shape): ReconstructionDrawing {
  const model: ReconstructionDrawing['model'] = {
    name: 'vit-test',
    image: {
      height,
      width,
      channels,
      mean: new Array<number>(channels).fill(0),
      deviation: new Array<number>(channels).fill(1),
    },
    patch: { height: patch[0], width: patch[1] },
    loss: { kind: 'mse', on: 'masked', target: 'pixels' },
  };
  const pixels = channels * height * width;
  const patches = Math.ceil(height / patch[0]) * Math.ceil(width / patch[1]);
  return {
    model,
    images: Float32Array.from({ length: count * pixels }, (_, i) => (i % width < width / 2 ? 0.2 : 0.8)),
    prediction: new Float32Array(count * patches * patch[0] * patch[1] * channels).fill(0.5),
    mask: Float32Array.from({ length: count * patches }, (_, i) => (i % patches) % 2),
    caption: 'epoch 3',
    labels: Array.from({ length: count }, (_, i) => `picture ${i}`),
  };
}

async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3),
  ];
  return { ...info, at };
}

/** Where the first picture's first column begins: below margin, header and heads. */
const TOP = 40 + 74 + 30;
const LEFT = 40;

describe('the drawing of reconstructions', () => {
  it('shows original, masked and reconstructed side by side, each pixel a square', async () => {
    const drawn = await pixelsOf(
      await renderReconstruction(drawingOf({ height: 8, width: 16, patch: [4, 4], channels: 3, count: 1 })),
    );
    const zoom = 12;
    const column = (index: number) => LEFT + index * (16 * zoom + 10);
    const cell = (index: number, patch: number) =>
      drawn.at(column(index) + (4 * patch + 2) * zoom, TOP + 2 * zoom);
    // The first row of patches: kept, removed, kept, removed.
    expect([0, 1, 2, 3].map((patch) => cell(0, patch)[0])).toEqual([51, 51, 204, 204]);
    expect([0, 1, 2, 3].map((patch) => cell(1, patch))).toEqual([
      [51, 51, 51],
      [0xcf, 0xd4, 0xdc],
      [204, 204, 204],
      [0xcf, 0xd4, 0xdc],
    ]);
    expect([0, 1, 2, 3].map((patch) => cell(2, patch)[0])).toEqual([51, 128, 204, 128]);
    // The edge between dark and bright is sharp.
    expect(drawn.at(column(0) + 8 * zoom - 1, TOP)[0]).toBe(51);
    expect(drawn.at(column(0) + 8 * zoom, TOP)[0]).toBe(204);
    expect(drawn.at(2, 2)).toEqual([255, 255, 255]);
  });

  it('cuts padding off', async () => {
    const drawing = drawingOf({ height: 8, width: 16, patch: [5, 12], channels: 3, count: 2 });
    const drawn = await pixelsOf(await renderReconstruction(drawing));
    const zoom = 12;
    const at = (x: number, y: number) =>
      drawn.at(LEFT + 2 * (16 * zoom + 10) + x * zoom + 6, TOP + y * zoom + 6)[0];
    // Two by two patches of 5 x 12 cover the first picture's 8 x 16; those on the right were removed.
    expect([at(0, 0), at(11, 4), at(12, 0), at(15, 4)]).toEqual([51, 204, 128, 128]);
    expect([at(0, 5), at(11, 7), at(12, 5), at(15, 7)]).toEqual([51, 204, 128, 128]);
  });

  it('shows every patch as it was predicted in a fourth column when asked to', async () => {
    const drawing = {
      ...drawingOf({ height: 8, width: 16, patch: [4, 4], channels: 1, count: 1 }),
      everyPatch: true,
    };
    const drawn = await pixelsOf(await renderReconstruction(drawing));
    const left = LEFT + 3 * (16 * 12 + 10);
    for (const patch of [0, 1, 2, 3]) expect(drawn.at(left + (4 * patch + 2) * 12, TOP + 24)[0]).toBe(128);
  });

  it('puts predicted contrast on the mean and deviation of the true patch', async () => {
    const drawing = drawingOf({ height: 4, width: 4, patch: [4, 4], channels: 1, count: 1 });
    const normalised: ReconstructionDrawing = {
      ...drawing,
      model: { ...drawing.model, loss: { ...drawing.model.loss, target: 'normalized-pixels' } },
      mask: Float32Array.of(1),
      prediction: new Float32Array(16),
    };
    const flat = await pixelsOf(await renderReconstruction(normalised));
    const centre = (drawn: typeof flat) => drawn.at(LEFT + 2 * (192 + 10) + 24, TOP + 24)[0];
    // No contrast at all leaves the mean of 0.2 and 0.8.
    expect(centre(flat)).toBe(128);
    // The patch's deviation: 0.3 * sqrt(16 / 15).
    const positions = patchPositions(normalised.model, 0);
    const up = await pixelsOf(
      await renderReconstruction({ ...normalised, prediction: new Float32Array(positions.length).fill(-1) }),
    );
    expect(centre(up)).toBe(Math.round((0.5 - 0.3 * Math.sqrt(16 / 15)) * 255));
  });

  it.each([
    { height: 8, width: 8, patch: [2, 2], channels: 12, count: 7 },
    { height: 32, width: 8, patch: [8, 4], channels: 1, count: 3 },
    { height: 8, width: 64, patch: [4, 8], channels: 2, count: 10 },
    { height: 300, width: 224, patch: [20, 16], channels: 3, count: 2 },
  ] satisfies Shape[])('finds room for $count pictures of $height x $width x $channels', async (shape) => {
    const drawn = await pixelsOf(await renderReconstruction(drawingOf(shape)));
    expect(drawn.width / drawn.height).toBeGreaterThan(0.3);
    expect(drawn.width / drawn.height).toBeLessThan(4);
    expect(drawn.at(LEFT + 1, TOP + 1)[0]).toBe(51);
    // The paper's edge stays free on all sides.
    for (const [x, y] of [
      [1, 1],
      [drawn.width - 2, 1],
      [1, drawn.height - 2],
      [drawn.width - 2, drawn.height - 2],
    ] as const) {
      expect(drawn.at(x, y)).toEqual([255, 255, 255]);
    }
  });

  it('is written whole, and nothing is left where it cannot be', async () => {
    const folder = await scratchFolder({ taken: 'a file' });
    const drawing = drawingOf({ height: 8, width: 8, patch: [4, 4], channels: 3, count: 1 });
    const path = join(folder, 'view', 'reconstruction.png');
    await drawReconstruction({ ...drawing, path });
    expect((await sharp(await readFile(path)).metadata()).format).toBe('png');
    const error = await drawReconstruction({ ...drawing, path: join(folder, 'taken', 'x.png') }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(await readdir(join(folder, 'view'))).toEqual(['reconstruction.png']);
  });
});
