import type { Architecture } from '../diff/side.ts';

/** One place of a drawn grid. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly visible: boolean;
}

export interface DrawnGrid {
  readonly rows: number;
  readonly columns: number;
  readonly cells: readonly Cell[];
}

/** More cells than this along a side cannot be told apart; one then stands for several patches. */
const MOST = 32;

/**
 * An example of which patches a mask leaves, the same in every drawing. It shows the kind of the mask; the exact number of
 * visible patches is only kept where each cell is a patch.
 */
export function maskPattern({ image, patch, mask }: Architecture, visible: number): DrawnGrid {
  const grid = {
    rows: Math.ceil(image.height / patch.height),
    columns: Math.ceil(image.width / patch.width),
  };
  const coarse = Math.ceil(Math.max(grid.rows, grid.columns) / MOST);
  const rows = Math.ceil(grid.rows / coarse);
  const columns = Math.ceil(grid.columns / coarse);
  const count = coarse === 1 ? visible : Math.round((1 - mask.ratio) * rows * columns);
  const kept = keptCells[mask.kind]({ rows, columns, count, unit: mask.unit });
  const cells = Array.from({ length: rows * columns }, (_, index): Cell => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return { row, column, visible: kept.has(index) };
  });
  return { rows, columns, cells };
}

interface Wanted {
  readonly rows: number;
  readonly columns: number;
  /** Visible cells. */
  readonly count: number;
  readonly unit: Architecture['mask']['unit'];
}

const keptCells: Readonly<Record<Architecture['mask']['kind'], (wanted: Wanted) => ReadonlySet<number>>> = {
  random: ({ rows, columns, count }) => leastOf(rows * columns, count, noise),
  regular({ rows, columns, count }) {
    // Every cell of the mask keeps its first place, so those come first.
    const step = Math.max(1, Math.round(Math.sqrt((rows * columns) / Math.max(count, 1))));
    return leastOf(rows * columns, count, (index) =>
      Math.floor(index / columns) % step === 0 && (index % columns) % step === 0 ? 0 : 1,
    );
  },
  grid({ rows, columns, count, unit }) {
    const across = Math.ceil(columns / unit.width);
    return leastOf(rows * columns, count, (index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return noise(Math.floor(row / unit.height) * across + Math.floor(column / unit.width));
    });
  },
  block({ rows, columns, count }) {
    const removed = new Set<number>();
    const most = rows * columns - count;
    for (let block = 0; removed.size < most; block++) {
      const height = 1 + Math.floor(noise(3 * block) * 0.5 * rows);
      const width = 1 + Math.floor(noise(3 * block + 1) * 0.5 * columns);
      const place = Math.floor(noise(3 * block + 2) * rows * columns);
      for (let i = 0; i < height * width && removed.size < most; i++) {
        const row = (Math.floor(place / columns) + Math.floor(i / width)) % rows;
        removed.add(row * columns + (((place % columns) + (i % width)) % columns));
      }
    }
    return new Set(Array.from({ length: rows * columns }, (_, i) => i).filter((i) => !removed.has(i)));
  },
};

/** The `count` indexes that `rank` puts first; of equal ranks the lower index. */
function leastOf(total: number, count: number, rank: (index: number) => number): ReadonlySet<number> {
  const indexes = Array.from({ length: total }, (_, index) => index);
  return new Set(indexes.sort((a, b) => rank(a) - rank(b) || a - b).slice(0, count));
}

/** A number in 0..1 that looks random and is the same for an index everywhere: the finalizer of MurmurHash3. */
function noise(index: number): number {
  let bits = (index + 1) * 0x9e3779b9;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
