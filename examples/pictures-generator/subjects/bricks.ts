import type { Random } from '../../../runtime/random.ts';
import { clamp, type Lch, light, mix, near, oklch, pick, put, type Rgb, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { Noise, onGrid } from '../noise.ts';

/** Walls: how long a stone is for its height, how wide the joints are, how uneven it is; lightness, chroma, hue of two stones. */
interface WallKind {
  readonly long: number;
  readonly joint: number;
  readonly uneven: number;
  readonly stones: readonly Lch[];
  readonly mortar: Lch;
}

const WALLS: readonly [WallKind, ...WallKind[]] = [
  {
    long: 2.6,
    joint: 0.09,
    uneven: 0.5,
    stones: [
      [0.5, 0.1, 35],
      [0.42, 0.08, 28],
    ],
    mortar: [0.74, 0.02, 85],
  },
  {
    long: 2.4,
    joint: 0.07,
    uneven: 0.35,
    stones: [
      [0.62, 0.09, 60],
      [0.55, 0.08, 45],
    ],
    mortar: [0.8, 0.02, 80],
  },
  {
    long: 2.2,
    joint: 0.08,
    uneven: 0.8,
    stones: [
      [0.58, 0.015, 90],
      [0.46, 0.015, 240],
    ],
    mortar: [0.4, 0.01, 80],
  },
  {
    long: 2.6,
    joint: 0.06,
    uneven: 0.45,
    stones: [
      [0.87, 0.015, 90],
      [0.82, 0.015, 90],
    ],
    mortar: [0.78, 0.015, 85],
  },
  {
    long: 1.7,
    joint: 0.11,
    uneven: 0.9,
    stones: [
      [0.66, 0.05, 80],
      [0.54, 0.04, 60],
    ],
    mortar: [0.6, 0.03, 80],
  },
  {
    long: 3.2,
    joint: 0.05,
    uneven: 0.3,
    stones: [
      [0.46, 0.04, 25],
      [0.4, 0.025, 280],
    ],
    mortar: [0.3, 0.01, 270],
  },
];

/** Brick and stone walls in slanting light, seen straight on or along, perhaps with the shadow of something. */
export function bricks(random: Random): Shader {
  const wall = pick(random, WALLS);
  const noise = new Noise(random);
  const stones = wall.stones.map(([l, c, h]) => near(random, l, c, h, 0.7));
  const mortar = near(random, ...wall.mortar, 0.6);
  const place = placing(random);
  const shadow = shadowOn(random, noise);
  const sun = { across: random.uniform(-1, 1), down: random.uniform(-1, -0.2) };
  const strength = random.uniform(0.5, 1.2);
  const bulge = (0.06 + 0.2 * wall.uneven) * strength;
  return (u, v, slot) => {
    const { x, y, far } = place(u, v);
    const row = Math.floor(y);
    const shift = (row & 1) * 0.5 + 0.12 * wall.uneven * noise.square(row, 5);
    const column = Math.floor(x / wall.long + shift);
    const inX = (x / wall.long + shift - column) * wall.long;
    const inY = y - row;
    const rough = noise.fractal(x * 5, y * 5, 3);
    const wobble = 0.05 * wall.uneven * rough;
    const left = inX - wall.joint + wobble;
    const right = wall.long - inX - wall.joint + wobble;
    const above = inY - wall.joint + wobble;
    const below = 1 - inY - wall.joint + wobble;
    const stone = smoothstep(0, 0.07, Math.min(left, right, above, below));
    const colour = stoneColour(stones, noise, row, column, rough);
    put(slot, mix(mortar, colour, stone));
    // Edges that face the light are brighter, the others and the joints darker.
    const slopeX = smoothstep(0.3, 0, right) - smoothstep(0.3, 0, left);
    const slopeY = smoothstep(0.3, 0, below) - smoothstep(0.3, 0, above);
    const relief = stone * bulge * 2.2 * (slopeX * sun.across + slopeY * sun.down);
    const fine = noise.at(x * 11 + sun.across * 0.35, y * 11 + sun.down * 0.35) - noise.at(x * 11, y * 11);
    const shade = 0.95 + relief + 0.35 * bulge * fine - 0.3 * (1 - stone) + 0.16 * rough;
    light(slot, Math.max(0.05, shade) * shadow(u, v) * (1 - 0.25 * far));
  };
}

function stoneColour(stones: readonly Rgb[], noise: Noise, row: number, column: number, rough: number): Rgb {
  const [first = oklch(0.5, 0.1, 35), second = first] = stones;
  const colour = mix(first, second, noise.square(column, row));
  const bright = 0.72 + 0.5 * noise.square(column, row, 1) + 0.22 * rough;
  // Now and then a burnt one.
  return mix([0, 0, 0], colour, noise.square(column, row, 2) > 0.93 ? bright * 0.55 : bright);
}

/** From the picture to the wall, in heights of a stone; `far` is 0 near and 1 far away. */
function placing(random: Random): (u: number, v: number) => { x: number; y: number; far: number } {
  const rows = random.uniform(2.2, 5.5);
  const tilt = random.uniform(-0.12, 0.12);
  const along = random.uniform() < 0.45 ? random.uniform(0.25, 0.75) * (random.uniform() < 0.5 ? -1 : 1) : 0;
  const shiftX = random.uniform(0, 40);
  const shiftY = random.uniform(0, 40);
  return (u, v) => {
    const depth = 1 / (1 - along * u * 0.8);
    const x = u * depth * (1 + Math.abs(along));
    const y = v * depth;
    const far = Math.abs(along) * clamp((depth - 0.6) / 2);
    return { x: (x - tilt * y) * rows + shiftX, y: (y + tilt * x) * rows + shiftY, far };
  };
}

/** Light that falls off over the wall, and perhaps the edge of a shadow or the shade of leaves. */
function shadowOn(random: Random, noise: Noise): (u: number, v: number) => number {
  const angle = random.uniform(0, 2 * Math.PI);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const fall = random.uniform(0.05, 0.3);
  const edge = random.uniform(-0.5, 0.5);
  const blur = random.uniform(0.02, 0.2);
  const scale = random.uniform(1.5, 3);
  const depth = random.uniform(0.4, 0.65);
  const kinds: readonly [(u: number, v: number) => number, ...((u: number, v: number) => number)[]] = [
    () => 1,
    (u, v) => 1 - depth * smoothstep(edge - blur, edge + blur, u * cosine + v * sine),
    (u, v) => 1 - depth * smoothstep(-0.05, 0.25, noise.fractal(u * scale + 50, v * scale, 3)),
  ];
  const shadow = pick(random, kinds);
  return onGrid(96, (u, v) => 1.25 * (1 - fall * (u * sine - v * cosine)) * shadow(u, v));
}
