import type { Random } from '../../../runtime/random.ts';
import { type Camera, type Direction, lookAt } from '../camera.ts';
import { add, clamp, cover, light, mix, near, oklch, pick, put, type Rgb, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise } from '../noise.ts';

/** Tiled floors that run away from the camera to a wall, polished, with the light of windows on them. */
export function floors(random: Random): Shader {
  const camera: Camera = {
    height: random.uniform(0.8, 2),
    pitch: random.uniform(0.15, 0.6),
    focal: random.uniform(1, 1.9),
  };
  const noise = new Noise(random);
  const tiles = tiling(random, noise);
  const wall = makeWall(random, noise);
  const turn = pick(random, [0, Math.PI / 4, random.uniform(0, Math.PI / 2)]);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const size = random.uniform(0.5, 1.1);
  const polish = random.uniform() < 0.7 ? random.uniform(0.1, 0.5) : 0.02;
  const patches = windowLight(random);
  const distance = random.uniform(4, 9);
  const ray: Direction = { x: 0, y: 0, z: 0 };
  const mirrored = new Float64Array(3);
  return (u, v, slot) => {
    lookAt(camera, u, v, ray);
    const toWall = distance / ray.z;
    const heightAtWall = camera.height + ray.y * toWall;
    if (heightAtWall > 0) {
      wall(ray.x * toWall, heightAtWall, slot);
      return;
    }
    const reach = -camera.height / ray.y;
    const x = ray.x * reach;
    const z = ray.z * reach;
    const tile = tiles((x * cosine - z * sine) / size, (x * sine + z * cosine) / size);
    put(slot, tile.colour, 0.55 + 1.1 * patches(x, z));
    light(slot, 0.6 + 0.4 * smoothstep(0, 2.5, distance - z));
    wall(x + ray.x * (toWall - reach), -ray.y * (toWall - reach), mirrored);
    const share = tile.gloss * polish * (0.25 + 0.75 * (1 + ray.y) ** 4);
    for (let i = 0; i < 3; i++) slot[i] = (slot[i] ?? 0) * (1 - 0.5 * share) + (mirrored[i] ?? 0) * share;
  };
}

interface Tile {
  readonly colour: Rgb;
  /** How much of the polish it has: joints have none. */
  readonly gloss: number;
}

/** Patterns over the plane, one tile a unit. */
function tiling(random: Random, noise: Noise): (x: number, y: number) => Tile {
  const pale = near(random, random.uniform(0.72, 0.92), random.uniform(0, 0.05), random.uniform(20, 110));
  const hue = random.uniform(0, 360);
  const dark = near(random, random.uniform(0.25, 0.5), random.uniform(0, 0.11), hue);
  const third = near(
    random,
    random.uniform(0.4, 0.65),
    random.uniform(0.03, 0.13),
    hue + random.uniform(-90, 90),
  );
  const joint = oklch(random.uniform(0.3, 0.65), 0.01, 80);
  const joints = random.uniform(0.012, 0.035);
  const kinds: readonly [(x: number, y: number) => Rgb, ...((x: number, y: number) => Rgb)[]] = [
    (x, y) => (((Math.floor(x) + Math.floor(y)) & 1) === 0 ? pale : dark),
    // Octagons with small squares at the corners.
    (x, y) => (Math.abs(x - Math.round(x)) + Math.abs(y - Math.round(y)) < 0.32 ? dark : pale),
    // Every third and every seventh another colour.
    (x, y) => {
      const which = noise.square(Math.floor(x), Math.floor(y));
      return which < 0.45 ? pale : which < 0.75 ? third : dark;
    },
    // Quarter circles that join to rings.
    (x, y) => (Math.abs(lengthOf(x - Math.round(x), y - Math.round(y)) - 0.38) < 0.11 ? third : pale),
    // A border of one colour in each tile.
    (x, y) =>
      Math.max(Math.abs(x - Math.floor(x) - 0.5), Math.abs(y - Math.floor(y) - 0.5)) > 0.36 ? dark : pale,
    (x) => ((Math.floor(x) & 1) === 0 ? pale : third),
  ];
  const pattern = pick(random, kinds);
  return (x, y) => {
    const edge = Math.min(Math.abs(x - Math.round(x)), Math.abs(y - Math.round(y)));
    const gloss = smoothstep(joints * 0.5, joints * 1.6, edge);
    const age =
      0.85 + 0.3 * noise.square(Math.floor(x), Math.floor(y), 3) + 0.16 * noise.fractal(x * 2.7, y * 2.7, 3);
    return { colour: mix(joint, mix([0, 0, 0], pattern(x, y), age), gloss), gloss };
  };
}

type Wall = (x: number, height: number, slot: Float64Array) => void;

/** The wall at the end, with a skirting, and windows, doors, panels or nothing on it. */
function makeWall(random: Random, noise: Noise): Wall {
  const paint = near(random, random.uniform(0.55, 0.9), random.uniform(0.01, 0.08), random.uniform(0, 360));
  const trim = pick(random, [oklch(0.93, 0.01, 90), oklch(0.32, 0.05, 50), mix(paint, [0, 0, 0], 0.5)]);
  const bright = near(random, 0.97, 0.03, pick(random, [90, 230]), 0.3);
  const spacing = random.uniform(1.6, 3.2);
  const [from, to] = [random.uniform(0.3, 0.5), random.uniform(0.5, 0.75)];
  const shift = random.uniform(0, spacing);
  const [low, high] = [random.uniform(0, 1.2), random.uniform(2, 3.4)];
  const opening = pick(random, ['window', 'window', 'door', 'panel', 'nothing']);
  const openingColour = near(
    random,
    random.uniform(0.3, 0.6),
    random.uniform(0.04, 0.12),
    random.uniform(0, 360),
  );
  return (x, height, slot) => {
    put(slot, paint, 0.72 + 0.1 * noise.fractal(x * 0.8, height, 2) - 0.06 * Math.abs(x) * 0.3);
    if (opening !== 'nothing') {
      const across = (x + shift) / spacing;
      const within = across - Math.floor(across);
      const bottom = opening === 'window' ? low : 0;
      const inside = Math.min(
        within - (from - 0.22),
        to - within,
        (height - bottom) / spacing,
        (high - height) / spacing,
      );
      if (inside > 0) {
        if (inside < 0.03) put(slot, trim, 0.8);
        else if (opening === 'window') {
          const bar = Math.min(
            Math.abs(within - (from + to - 0.22) / 2) * spacing,
            Math.abs(height - (bottom + high) / 2),
          );
          put(slot, bar < 0.04 ? trim : bright, bar < 0.04 ? 0.7 : 1.7);
        } else put(slot, openingColour, 0.6 + 0.25 * smoothstep(0.03, 0.05, inside));
      }
    }
    if (height < 0.16) put(slot, trim, height > 0.14 ? 0.9 : 0.65);
    light(slot, clamp(0.55 + height * 0.5) * 0.9 + 0.1);
    cover(slot, [0.05, 0.05, 0.06], 0.35 * smoothstep(0.12, 0, height));
    add(slot, bright, 0.02);
  };
}

/** Bright slanting fields where the light of windows falls on the floor. */
function windowLight(random: Random): (x: number, z: number) => number {
  const slant = random.uniform(-0.9, 0.9);
  const width = random.uniform(0.8, 1.8);
  const shift = random.uniform(0, width * 2);
  const depth = random.uniform(1.2, 2.4);
  const near = random.uniform(0.5, 3);
  const strength = random.uniform() < 0.65 ? random.uniform(0.4, 1) : 0;
  const even = strength === 0 ? 0.55 : random.uniform(0.12, 0.35);
  return (x, z) => {
    if (strength === 0) return even;
    const across = (x + slant * z + shift) / width;
    const stripe = Math.abs(across - Math.floor(across) - 0.5);
    const down = Math.abs(z - near - depth / 2) / depth;
    return even + strength * smoothstep(0.34, 0.28, stripe) * smoothstep(0.56, 0.48, down);
  };
}
