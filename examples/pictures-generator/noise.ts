import type { Random } from '../../runtime/random.ts';

const MASK = 255;

/** What is nearest to a point in a plane strewn with points, one a unit square (Worley 1996). */
export interface Cell {
  /** Distances to the nearest point and to the second nearest. */
  first: number;
  second: number;
  /** A number in 0..1 that belongs to the nearest point. */
  id: number;
}

/** Random functions of the plane, the same for the same `Random`. */
export class Noise {
  readonly #order = new Uint8Array(MASK + 1);
  readonly #values = new Float64Array(MASK + 1);
  /** Directions of length 1: x and y of each, side by side. */
  readonly #slopes = new Float64Array(2 * (MASK + 1));

  constructor(random: Random) {
    this.#order.set(random.permutation(MASK + 1));
    for (let i = 0; i <= MASK; i++) {
      const angle = random.uniform(0, 2 * Math.PI);
      this.#slopes[2 * i] = Math.cos(angle);
      this.#slopes[2 * i + 1] = Math.sin(angle);
      this.#values[i] = random.uniform();
    }
  }

  /** A number in 0..1 of a unit square; `salt` gives a square several. */
  square(column: number, row: number, salt = 0): number {
    return this.#values[this.#index(column + 37 * salt, row)] ?? 0;
  }

  /** Gradient noise (Perlin 2002): smooth, about -1..1, 0 at whole numbers, one hill or dale a unit. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const right = x - column;
    const below = y - row;
    const u = right * right * right * (right * (right * 6 - 15) + 10);
    const v = below * below * below * (below * (below * 6 - 15) + 10);
    const order = this.#order;
    const slopes = this.#slopes;
    const left = (order[column & MASK] ?? 0) + row;
    const next = (order[(column + 1) & MASK] ?? 0) + row;
    const topLeft = 2 * (order[left & MASK] ?? 0);
    const topRight = 2 * (order[next & MASK] ?? 0);
    const bottomLeft = 2 * (order[(left + 1) & MASK] ?? 0);
    const bottomRight = 2 * (order[(next + 1) & MASK] ?? 0);
    const a = (slopes[topLeft] ?? 0) * right + (slopes[topLeft + 1] ?? 0) * below;
    const b = (slopes[topRight] ?? 0) * (right - 1) + (slopes[topRight + 1] ?? 0) * below;
    const c = (slopes[bottomLeft] ?? 0) * right + (slopes[bottomLeft + 1] ?? 0) * (below - 1);
    const d = (slopes[bottomRight] ?? 0) * (right - 1) + (slopes[bottomRight + 1] ?? 0) * (below - 1);
    return 1.5 * ((a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v);
  }

  /** Octaves of noise, each twice as fine and half as high as the one before; about -1..1. */
  fractal(x: number, y: number, octaves: number): number {
    let sum = 0;
    let height = 1;
    let total = 0;
    let scale = 1;
    for (let i = 0; i < octaves; i++) {
      // An offset, or all octaves would be zero at the same places.
      sum += height * this.at(x * scale + 17.3 * i, y * scale - 9.1 * i);
      total += height;
      height *= 0.5;
      scale *= 2.03;
    }
    return (sum / total) * 1.3;
  }

  /** The cell of a point; `jitter` 0 puts the points on a grid, 1 anywhere in their squares. */
  cell(x: number, y: number, cell: Cell, jitter = 1): void {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let first = 9;
    let second = 9;
    let id = 0;
    for (let j = row - 1; j <= row + 1; j++) {
      for (let i = column - 1; i <= column + 1; i++) {
        const right = i + 0.5 + jitter * (this.square(i, j) - 0.5) - x;
        const below = j + 0.5 + jitter * (this.square(i, j, 1) - 0.5) - y;
        const distance = right * right + below * below;
        if (distance < first) {
          second = first;
          first = distance;
          id = this.square(i, j, 2);
        } else if (distance < second) second = distance;
      }
    }
    cell.first = Math.sqrt(first);
    cell.second = Math.sqrt(second);
    cell.id = id;
  }

  #index(column: number, row: number): number {
    return this.#order[((this.#order[column & MASK] ?? 0) + row) & MASK] ?? 0;
  }
}

/** The picture and a little around it: from -FIELD to FIELD. */
const FIELD = 1.15;

/**
 * A function of the picture by interpolation between its values on a grid of `cells` by `cells`: much faster where it is called
 * more often than the grid has points, and as good where it has no finer detail.
 */
export function onGrid(
  cells: number,
  exact: (u: number, v: number) => number,
): (u: number, v: number) => number {
  const across = cells + 1;
  const values = Float64Array.from({ length: across * across }, (_, i) => {
    const u = ((2 * (i % across)) / cells - 1) * FIELD;
    const v = ((2 * Math.floor(i / across)) / cells - 1) * FIELD;
    return exact(u, v);
  });
  return (u, v) => {
    const x = Math.max(0, Math.min(cells - 1e-6, (u / FIELD + 1) * 0.5 * cells));
    const y = Math.max(0, Math.min(cells - 1e-6, (v / FIELD + 1) * 0.5 * cells));
    const column = Math.floor(x);
    const row = Math.floor(y);
    const at = row * across + column;
    const top = (values[at] ?? 0) * (column + 1 - x) + (values[at + 1] ?? 0) * (x - column);
    const bottom =
      (values[at + across] ?? 0) * (column + 1 - x) + (values[at + across + 1] ?? 0) * (x - column);
    return top * (row + 1 - y) + bottom * (y - row);
  };
}

/** Length of a vector; Math.hypot guards against overflow, and takes ten times as long. */
export function lengthOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
