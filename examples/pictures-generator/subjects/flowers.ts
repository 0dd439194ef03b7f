import type { Random } from '../../../runtime/random.ts';
import { add, clamp, cover, type Lch, light, mix, near, pick, put, type Rgb, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise, onGrid } from '../noise.ts';

interface Flower {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Flattening and its direction: flowers look at the camera more or less. */
  readonly tilt: number;
  readonly turn: number;
  readonly cosine: number;
  readonly sine: number;
  readonly layers: readonly Layer[];
  readonly heart: number;
  readonly heartColour: Rgb;
  readonly seedColour: Rgb;
}

interface Layer {
  readonly petals: number;
  readonly reach: number;
  readonly turn: number;
  /** 0 petals with a point, 1 round ones. */
  readonly roundness: number;
  /** How much of the circle the petals fill where they are widest. */
  readonly fill: number;
  readonly inner: Rgb;
  readonly outer: Rgb;
}

/** Lightness, chroma, hue at the end of the petals and at their base. */
type PetalKind = readonly [Lch, Lch];

const PETALS: readonly [PetalKind, ...PetalKind[]] = [
  [
    [0.95, 0.015, 95],
    [0.88, 0.04, 100],
  ],
  [
    [0.85, 0.17, 90],
    [0.72, 0.17, 65],
  ],
  [
    [0.62, 0.22, 25],
    [0.42, 0.17, 20],
  ],
  [
    [0.75, 0.14, 350],
    [0.55, 0.18, 355],
  ],
  [
    [0.6, 0.17, 300],
    [0.45, 0.17, 295],
  ],
  [
    [0.6, 0.15, 265],
    [0.78, 0.08, 270],
  ],
  [
    [0.76, 0.17, 55],
    [0.58, 0.19, 35],
  ],
];

/** Flowers in front of a blurred garden. */
export function flowers(random: Random): Shader {
  const noise = new Noise(random);
  const garden = makeGarden(random, noise);
  const count = pick(random, [1, 1, 1, 2, 2, 3, 4]);
  const kind = pick(random, PETALS);
  const blooms = Array.from({ length: count }, (_, i) =>
    makeFlower(random, i, count, random.uniform() < 0.8 ? kind : pick(random, PETALS)),
  );
  const sun = random.uniform(0, 2 * Math.PI);
  const [sunX, sunY] = [Math.cos(sun), Math.sin(sun)];
  const stem = near(random, 0.5, 0.12, 130);
  return (u, v, slot) => {
    garden(u, v, slot);
    for (const flower of blooms) {
      drawStem(flower, u, v, stem, slot);
      shadowOf(flower, u - 0.08 * sunX, v - 0.08 * sunY, slot);
      drawFlower(flower, noise, u, v, sunX, sunY, slot);
    }
  };
}

function makeFlower(random: Random, index: number, count: number, kind: PetalKind): Flower {
  const [end, base] = kind;
  const layers = 1 + random.integer(3);
  const petals = pick(random, [5, 6, 8, 12, 13, 16, 21]);
  const reach = count === 1 ? random.uniform(0.55, 0.95) : random.uniform(0.35, 0.6);
  const around = (index / count) * 2 * Math.PI + random.uniform(0, 1.2);
  const spread = count === 1 ? random.uniform(0, 0.25) : random.uniform(0.4, 0.6);
  const roundness = random.uniform();
  const fill = random.uniform(0.75, 1.15);
  const turn = random.uniform(0, Math.PI);
  return {
    x: spread * Math.cos(around),
    y: spread * Math.sin(around) - 0.05,
    radius: reach,
    tilt: random.uniform(0.6, 1),
    turn,
    cosine: Math.cos(turn),
    sine: Math.sin(turn),
    heart: random.uniform(0.15, 0.34),
    heartColour: near(
      random,
      ...pick<Lch>(random, [
        [0.78, 0.16, 85],
        [0.4, 0.09, 60],
        [0.68, 0.14, 110],
      ]),
    ),
    seedColour: near(random, 0.35, 0.08, 50),
    layers: Array.from({ length: layers }, (_, layer) => ({
      petals,
      reach: 1 - layer * random.uniform(0.14, 0.22),
      turn: random.uniform(0, 1) + layer * 0.5,
      roundness,
      fill,
      outer: near(random, ...end, 0.5),
      inner: near(random, ...base, 0.5),
    })),
  };
}

/** Leaves and light out of focus: soft noise, and discs of brightness. */
function makeGarden(random: Random, noise: Noise): Shader {
  const hue = random.uniform(110, 160);
  const dark = near(random, random.uniform(0.2, 0.4), 0.07, hue);
  const pale = near(random, random.uniform(0.5, 0.75), 0.12, hue - 15);
  const scale = random.uniform(0.9, 2);
  const shift = random.uniform(0, 50);
  const discs = Array.from({ length: random.integer(9) }, () => ({
    x: random.uniform(-1.1, 1.1),
    y: random.uniform(-1.1, 1.1),
    radius: random.uniform(0.08, 0.3),
    colour: near(random, 0.85, 0.08, random.uniform(60, 160)),
    strength: random.uniform(0.08, 0.3),
  }));
  const leaves = onGrid(48, (u, v) => noise.fractal(u * scale + shift, v * scale, 2));
  return (u, v, slot) => {
    const soft = leaves(u, v);
    put(slot, mix(dark, pale, clamp(0.45 + 0.75 * soft - 0.15 * v)));
    for (const disc of discs) {
      const distance = lengthOf(u - disc.x, v - disc.y) / disc.radius;
      if (distance < 1.1)
        add(slot, disc.colour, disc.strength * smoothstep(1.1, 0.9, distance) * (0.7 + 0.3 * distance));
    }
  };
}

function drawStem(flower: Flower, u: number, v: number, colour: Rgb, slot: Float64Array): void {
  if (v < flower.y) return;
  const bend = flower.x + 0.18 * (v - flower.y) ** 2 * Math.cos(flower.turn * 5);
  const across = (u - bend) / 0.045;
  if (Math.abs(across) > 1.3) return;
  cover(slot, mix([0, 0, 0], colour, 0.75 - 0.45 * across), smoothstep(1.3, 0.8, Math.abs(across)));
}

/** A point in the flower's own plane: (1, 0) lies at the tips of its petals. */
function inFlower(flower: Flower, u: number, v: number, point: { x: number; y: number }): void {
  const x = u - flower.x;
  const y = v - flower.y;
  point.x = (x * flower.cosine + y * flower.sine) / flower.radius;
  point.y = (y * flower.cosine - x * flower.sine) / (flower.radius * flower.tilt);
}

const point = { x: 0, y: 0 };

function shadowOf(flower: Flower, u: number, v: number, slot: Float64Array): void {
  inFlower(flower, u, v, point);
  light(slot, 1 - 0.4 * smoothstep(1.1, 0.5, lengthOf(point.x, point.y)));
}

function drawFlower(
  flower: Flower,
  noise: Noise,
  u: number,
  v: number,
  sunX: number,
  sunY: number,
  slot: Float64Array,
): void {
  inFlower(flower, u, v, point);
  const distance = lengthOf(point.x, point.y);
  if (distance > 1.08) return;
  const angle = Math.atan2(point.y, point.x);
  for (const layer of flower.layers) drawPetals(layer, noise, distance, angle, sunX, sunY, slot);
  const heart = distance / flower.heart;
  if (heart > 1.15) {
    light(slot, 1 - 0.35 * smoothstep(1.5, 1.15, heart));
    return;
  }
  // Seeds on the spirals of a sunflower: two families of arms.
  const arms = Math.sin(13 * angle + 18 * heart) * Math.sin(21 * angle - 18 * heart);
  const dome = 1.05 - 0.45 * heart * heart + 0.35 * heart * (Math.cos(angle) * sunX + Math.sin(angle) * sunY);
  const colour = mix(flower.heartColour, flower.seedColour, smoothstep(-0.2, 0.7, arms) * 0.8);
  cover(slot, mix([0, 0, 0], colour, dome), smoothstep(1.15, 1, heart));
}

function drawPetals(
  layer: Layer,
  noise: Noise,
  distance: number,
  angle: number,
  sunX: number,
  sunY: number,
  slot: Float64Array,
): void {
  const turns = ((angle + layer.turn) / (2 * Math.PI)) * layer.petals;
  const petal = Math.floor(turns);
  const within = 2 * (turns - petal) - 1;
  const own = noise.square(petal, layer.petals, 3);
  const r = distance / (layer.reach * (0.92 + 0.08 * own));
  if (r > 1) return;
  // Half width of a petal at this distance: narrow at the base, widest beyond the middle, round or pointed at its end.
  const end = layer.roundness > 0.5 ? Math.sqrt(1 - r ** 6) : (1 - r) ** (0.35 + 0.4 * layer.roundness);
  const half = layer.fill * Math.min(1, 0.35 + 0.9 * r) * end;
  const side = Math.abs(within) / Math.max(half, 1e-3);
  if (side > 1) return;
  const vein = noise.at(within * 7 + petal * 3.7, r * 2.5);
  const colour = mix(layer.inner, layer.outer, smoothstep(0.15, 0.85, r + 0.1 * vein));
  const facing = Math.cos(angle + within * 0.5) * sunX + Math.sin(angle + within * 0.5) * sunY;
  const shade =
    0.82 + 0.2 * facing + 0.12 * vein - 0.28 * side ** 3 - 0.12 * (1 - smoothstep(0, 0.16, Math.abs(within)));
  cover(
    slot,
    mix([0, 0, 0], colour, shade * (0.85 + 0.25 * own) * 1.1),
    smoothstep(1, 0.9, side) * smoothstep(1, 0.97, r),
  );
}
