import type { CompiledSpec } from '../model/compiled-spec.ts';
import { patchGrid, type Sides } from '../model/patch-grid.ts';
import { Random } from '../random.ts';
import { type Masking, maskingFromNoise } from './masking.ts';

export type MaskedModel = Pick<CompiledSpec, 'tokens'> & {
  readonly model: Pick<CompiledSpec['model'], 'image' | 'mask'> & { readonly patch: Sides };
};

interface MaskSettings {
  readonly grid: Sides;
  readonly visible: number;
  readonly unit: Sides;
}

/**
 * How each kind of mask is drawn: it writes a number for every patch of a picture, row by row, and the patches with the lowest
 * numbers stay.
 */
const KINDS: Readonly<
  Record<
    CompiledSpec['model']['mask']['kind'],
    (random: Random, settings: MaskSettings, noise: Float32Array) => void
  >
> = {
  random: (random, _, noise) => random.fillUniform(noise),
  block: removeBlocks,
  grid(random, { grid, unit }, noise) {
    const columns = grid.width / unit.width;
    const units = random.fillUniform(new Float32Array((grid.height / unit.height) * columns));
    eachPatch(grid, (row, column, patch) => {
      noise[patch] = units[Math.floor(row / unit.height) * columns + Math.floor(column / unit.width)] ?? 0;
    });
  },
  regular(_, { grid, visible }, noise) {
    const cell = Math.round(Math.sqrt((grid.height * grid.width) / visible));
    eachPatch(grid, (row, column, patch) => {
      noise[patch] = row % cell === 0 && column % cell === 0 ? 0 : 1;
    });
  },
};

/** The masking of these pictures, each from its own random stream: what a picture's mask is depends on these keys alone. */
export function drawMasking(
  { model, tokens }: MaskedModel,
  pictures: readonly number[],
  ...keys: readonly (string | number)[]
): Masking {
  const { patches, visible } = tokens;
  const { mask } = model;
  const grid = patchGrid(model);
  const noise = new Float32Array(pictures.length * patches);
  pictures.forEach((picture, i) => {
    const random = Random.from('masking', ...keys, picture);
    KINDS[mask.kind](
      random,
      { grid, visible, unit: mask.unit },
      noise.subarray(i * patches, (i + 1) * patches),
    );
  });
  return maskingFromNoise(noise, { size: pictures.length, patches, visible });
}

function eachPatch(grid: Sides, visit: (row: number, column: number, patch: number) => void): void {
  for (let row = 0; row < grid.height; row++) {
    for (let column = 0; column < grid.width; column++) visit(row, column, row * grid.width + column);
  }
}

/** BEiT's smallest block, in patches, and the bounds of its height over its width. */
const SMALLEST_BLOCK = 16;
const ASPECT = [0.3, 1 / 0.3] as const;

/**
 * Block-wise masking (Bao et al. 2022, algorithm 1): rectangles of random area, shape and place are removed until there are
 * enough. The last one is cut short, row by row, so that exactly as many patches stay as the model takes.
 */
function removeBlocks(random: Random, { grid, visible }: MaskSettings, noise: Float32Array): void {
  let left = noise.length - visible;
  noise.fill(0);
  while (left > 0) {
    const area = random.uniform(Math.min(SMALLEST_BLOCK, left), Math.max(SMALLEST_BLOCK, left));
    const aspect = Math.exp(random.uniform(Math.log(ASPECT[0]), Math.log(ASPECT[1])));
    const height = clamp(Math.round(Math.sqrt(area * aspect)), grid.height);
    const width = clamp(Math.round(Math.sqrt(area / aspect)), grid.width);
    const top = random.integer(grid.height - height + 1);
    const start = random.integer(grid.width - width + 1);
    for (let row = top; row < top + height; row++) {
      for (let column = start; column < start + width && left > 0; column++) {
        const patch = row * grid.width + column;
        if (noise[patch] === 1) continue;
        noise[patch] = 1;
        left--;
      }
    }
  }
}

function clamp(side: number, most: number): number {
  return Math.min(Math.max(side, 1), most);
}
