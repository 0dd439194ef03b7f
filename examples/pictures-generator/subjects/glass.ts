import type { Random } from '../../../runtime/random.ts';
import { add, clamp, light, mix, near, oklch, pick, put, type Rgb, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { type Cell, lengthOf, Noise } from '../noise.ts';

/** One piece of glass under a point: how far its lead is, in the picture's units, and a number that is its own. */
interface Piece {
  edge: number;
  id: number;
}

/** Fills in the piece of a point. */
type Cut = (u: number, v: number, piece: Piece) => void;

/** Stained glass with the sun behind it: coloured pieces in lead, brighter towards the sun. */
export function glass(random: Random): Shader {
  const noise = new Noise(random);
  const cut = pick(random, [mosaic, mosaic, rose, diamonds, scales])(random, noise);
  const palette = makePalette(random);
  const lead = random.uniform(0.014, 0.032);
  const [sunX, sunY] = [random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.6)];
  const glow = random.uniform(0.6, 1.3);
  const base = random.uniform(0.45, 0.75);
  const streaks = random.uniform(0.1, 0.5);
  const piece: Piece = { edge: 0, id: 0 };
  return (u, v, slot) => {
    cut(u, v, piece);
    const own = piece.id * 60;
    const streak = noise.fractal(u * 3 + own, v * 7 + own, 2);
    const bubbles = noise.at(u * 26 + own, v * 26);
    put(slot, palette(piece.id, u, v));
    const distance = lengthOf(u - sunX, v - sunY);
    const behind = base + glow * Math.exp(-1.6 * distance * distance);
    light(slot, behind * (1 + streaks * streak + 0.12 * bubbles) * (0.75 + 0.5 * ((piece.id * 7.13) % 1)));
    // The glass is darker along the lead, where dirt has gathered.
    light(slot, 0.72 + 0.28 * smoothstep(lead, lead * 4, piece.edge));
    if (piece.edge < lead) {
      const across = piece.edge / lead;
      const metal = 0.05 + 0.09 * smoothstep(0.7, 0.1, across) * (0.6 + 0.4 * noise.at(u * 9, v * 9));
      const share = smoothstep(1, 0.75, across);
      for (let i = 0; i < 3; i++) slot[i] = (slot[i] ?? 0) * (1 - share) + metal * share;
    }
    add(slot, [1, 0.98, 0.9], 0.25 * glow * Math.exp(-14 * distance * distance));
  };
}

/** Three or four hues that go together; neighbours in the picture tend to be alike. */
function makePalette(random: Random): (id: number, u: number, v: number) => Rgb {
  const hue = random.uniform(0, 360);
  const apart = pick(random, [25, 40, 120, 180]);
  const colours = Array.from({ length: 6 }, (_, i) =>
    near(
      random,
      random.uniform(0.5, 0.82),
      random.uniform(0.1, 0.2),
      hue + apart * (i % 3) + random.uniform(-12, 12),
    ),
  );
  const clear = oklch(0.92, 0.03, 95);
  const [across, down] = [random.uniform(-0.3, 0.3), random.uniform(-0.3, 0.3)];
  return (id, u, v) => {
    if ((id * 13.7) % 1 > 0.88) return clear;
    const at = clamp(0.999 * clamp(id * 0.7 + 0.15 + across * u + down * v)) * 5.99;
    const index = Math.floor(at);
    return mix(colours[index] ?? clear, colours[(index + 1) % 6] ?? clear, 0.25);
  };
}

function mosaic(random: Random, noise: Noise): Cut {
  const scale = random.uniform(1.3, 3.2);
  const jitter = random.uniform(0.5, 1);
  const [x, y] = [random.uniform(0, 50), random.uniform(0, 50)];
  const cell: Cell = { first: 0, second: 0, id: 0 };
  return (u, v, piece) => {
    noise.cell(u * scale + x, v * scale + y, cell, jitter);
    piece.edge = (cell.second - cell.first) / (2 * scale);
    piece.id = cell.id;
  };
}

/** Rings cut by spokes, as in the west window of a church. */
function rose(random: Random, noise: Noise): Cut {
  const [x, y] = [random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4)];
  const ring = random.uniform(0.22, 0.42);
  const spokes = pick(random, [6, 8, 12, 16]);
  const turn = random.uniform(0, 1);
  return (u, v, piece) => {
    const distance = lengthOf(u - x, v - y);
    const at = distance / ring;
    const which = Math.floor(at);
    const pieces = which === 0 ? 1 : spokes * (which > 2 ? 2 : 1);
    const around = (Math.atan2(v - y, u - x) / (2 * Math.PI) + turn) * pieces + (which & 1) * 0.5;
    const spoke = Math.floor(around);
    const toRing = Math.min(at - which, which + 1 - at) * ring;
    const toSpoke =
      pieces === 1 ? 9 : Math.min(around - spoke, spoke + 1 - around) * ((2 * Math.PI * distance) / pieces);
    piece.edge = Math.min(which === 0 ? ring - distance : toRing, toSpoke);
    piece.id = noise.square(((spoke % pieces) + pieces) % pieces, which);
  };
}

function diamonds(random: Random, noise: Noise): Cut {
  const scale = random.uniform(1.4, 3);
  const steep = random.uniform(0.55, 0.9);
  const shift = random.uniform(0, 9);
  return (u, v, piece) => {
    const a = (u + steep * v) * scale + shift;
    const b = (u - steep * v) * scale + shift;
    const length = lengthOf(1, steep) * scale;
    piece.edge = Math.min(Math.abs(a - Math.round(a)), Math.abs(b - Math.round(b))) / length;
    piece.id = noise.square(Math.floor(a), Math.floor(b));
  };
}

/** Overlapping discs in rows. */
function scales(random: Random, noise: Noise): Cut {
  const size = random.uniform(1.3, 2.6);
  const shift = random.uniform(0, 9);
  return (u, v, piece) => {
    const x = u * size + shift;
    const y = v * size * 2 + shift;
    let row = Math.floor(y);
    // A disc hangs down over the two rows below it: the lowest whose disc holds the point is in front.
    for (let step = 0; step < 3; step++, row--) {
      const half = (row & 1) * 0.5;
      const column = Math.round(x - half);
      const distance = lengthOf(x - half - column, (y - row) / 2);
      if (distance < 0.5 || step === 2) {
        const above = row + 1;
        const halfAbove = (above & 1) * 0.5;
        const next = lengthOf(x - halfAbove - Math.round(x - halfAbove), (y - above) / 2);
        piece.edge = Math.min(Math.abs(0.5 - distance), y >= above - 1 ? Math.abs(next - 0.5) : 9) / size;
        piece.id = noise.square(column, row);
        return;
      }
    }
  };
}
