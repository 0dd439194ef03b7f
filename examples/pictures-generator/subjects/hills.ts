import type { Random } from '../../../runtime/random.ts';
import { type Camera, type Direction, lookAt } from '../camera.ts';
import {
  type ColourSlot,
  clamp,
  cover,
  light,
  mix,
  near,
  put,
  type Rgb,
  smoothstep,
  tint,
} from '../colour.ts';
import type { Shader } from '../develop.ts';
import { Noise } from '../noise.ts';
import { makeSky, type Sky } from '../sky.ts';

interface Ridge {
  /** Height of the ridge line at u, upwards from the horizon. */
  readonly line: (u: number) => number;
  readonly colour: Rgb;
  /** Height above which there is snow. */
  readonly snow: number;
  /** Share of the air's colour over it. */
  readonly haze: number;
  readonly seed: number;
  /** Detail of its surface. */
  readonly grain: number;
}

/** Ranges of hills one behind the other, under a sky at some hour, with meadows, woods, snow or a lake. */
export function hills(random: Random): Shader {
  const sky = makeSky(random, random.uniform(1.7, 4.6));
  const noise = new Noise(random);
  const horizon = random.uniform(-0.15, 0.4);
  const camera: Camera = { height: 1, pitch: 0, focal: 1.8 };
  const ridges = makeRidges(random, noise, sky);
  const lake = random.uniform() < 0.35;
  const shore = horizon + random.uniform(0.1, 0.25);
  const ray: Direction = { x: 0, y: 0, z: 0 };
  const land = (u: number, v: number, slot: ColourSlot): void => {
    let farthest = ridges.length;
    let hidden = false;
    while (farthest > 0 && !hidden) {
      farthest--;
      hidden = depthBelow(ridges[farthest], horizon, u, v) > 0.012;
    }
    if (!hidden) {
      lookAt(camera, u, Math.min(v - horizon, -0.004), ray);
      sky.colour(ray, slot);
    }
    for (let i = farthest; i < ridges.length; i++) {
      const ridge = ridges[i];
      const depth = depthBelow(ridge, horizon, u, v);
      if (ridge !== undefined && depth > 0) drawRidge(ridge, noise, sky, u, v, depth, slot);
    }
  };
  return (u, v, slot) => {
    if (!lake || v < shore) {
      land(u, v, slot);
      return;
    }
    // Water shows the land upside down, drawn out by small waves.
    const depth = v - shore;
    const wave = noise.fractal(u * 3, Math.log(depth + 0.03) * 9, 2) * (0.015 + 0.07 * depth);
    land(u + wave * 0.5, shore - depth * 0.9 - 0.004 + wave, slot);
    cover(slot, mix(sky.zenith, [0.02, 0.05, 0.06], 0.7), 0.22 + 0.3 * clamp(depth * 1.2));
  };
}

/** How far a point of the picture lies below a ridge's line; negative above it. */
function depthBelow(ridge: Ridge | undefined, horizon: number, u: number, v: number): number {
  return ridge === undefined ? -1 : v - horizon + ridge.line(u);
}

function makeRidges(random: Random, noise: Noise, sky: Sky): Ridge[] {
  const count = 3 + random.integer(4);
  const mountains = random.uniform() < 0.5;
  const hue = random.uniform(75, 140);
  const lush = random.uniform(0.08, 0.15);
  const peak = mountains ? random.uniform(0.35, 0.8) : random.uniform(0.12, 0.35);
  const snow = mountains && random.uniform() < 0.6 ? random.uniform(0.25, 0.5) : 9;
  const air = random.uniform(0.3, 0.8);
  return Array.from({ length: count }, (_, i) => {
    const nearness = i / (count - 1);
    const height = peak * (1 - nearness) ** 1.3 + 0.05;
    const below = 0.95 * nearness ** 1.6;
    const scale = 0.7 + 1.3 * nearness + random.uniform(0, 0.8);
    const seed = random.uniform(0, 90);
    const rough = mountains ? 5 : nearness > 0.4 ? 3 : 2;
    const haze = (1 - nearness) ** 1.5 * air;
    const ground = near(random, 0.56 - 0.1 * nearness, lush, hue, 0.9);
    const rock = near(random, 0.44, 0.03, 60, 0.8);
    // Trees along the line of near ridges make it uneven.
    const trees = 0.014 * (1 - haze) * random.uniform(0.2, 1.2);
    return {
      line: tabulate((u) => {
        const wood = trees * (1 + noise.at(u * 42 + seed, 0.5) + noise.at(u * 85, 9.1));
        return height * (0.45 + 1.1 * noise.fractal(u * scale + seed, 3.7 * i, rough)) - below + wood;
      }),
      colour: mix(mountains && nearness < 0.5 ? mix(rock, ground, nearness) : ground, sky.horizon, 0.04),
      snow: nearness < 0.5 ? snow * peak : 9,
      haze,
      seed,
      grain: 3 + 5 * (1 - nearness),
    };
  });
}

/** A function of u as a table over the width of the picture. */
function tabulate(line: (u: number) => number): (u: number) => number {
  const table = Float64Array.from({ length: 1025 }, (_, i) => line(i / 512 - 1));
  return (u) => table[Math.round(512 * (Math.max(-1, Math.min(1, u)) + 1))] ?? 0;
}

const ground: ColourSlot = new Float64Array(3);

function drawRidge(
  ridge: Ridge,
  noise: Noise,
  sky: Sky,
  u: number,
  v: number,
  depth: number,
  slot: ColourSlot,
): void {
  const line = ridge.line(u);
  const x = u * ridge.grain + ridge.seed;
  const y = (v * 2.2 + 0.4 * line) * ridge.grain;
  const relief = noise.fractal(x, y, 3);
  const slope = noise.fractal(x + 0.22 * sky.sun.x, y - 0.2, 3) - relief;
  const wood = smoothstep(0.02, 0.3, noise.at(x * 0.5 + 7, y * 0.7)) * (1 - ridge.haze);
  put(ground, mix(ridge.colour, mix(ridge.colour, [0.01, 0.03, 0.015], 0.8), wood));
  light(ground, 1 + 0.5 * relief * (0.4 + wood));
  if (line - depth + 0.12 * relief > ridge.snow) cover(ground, [0.85, 0.88, 0.95], 0.85);
  const sun = clamp(0.6 + 0.25 * sky.sun.y + 2.3 * slope);
  tint(ground, mix(sky.zenith, sky.sunlight, 0.3 + 0.65 * sun), 0.35 + 1.2 * sun);
  // Mist gathers at the foot of what is far.
  const haze = ridge.haze * (0.75 + 0.35 * smoothstep(0, 0.4, depth));
  cover(ground, sky.horizon, clamp(haze));
  cover(slot, [ground[0] ?? 0, ground[1] ?? 0, ground[2] ?? 0], smoothstep(0, 0.012, depth));
}
