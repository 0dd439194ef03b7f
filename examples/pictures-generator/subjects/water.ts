import type { Random } from '../../../runtime/random.ts';
import { type Camera, type Direction, lookAt } from '../camera.ts';
import {
  add,
  type ColourSlot,
  clamp,
  cover,
  light,
  mix,
  near,
  oklch,
  put,
  type Rgb,
  smoothstep,
} from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise } from '../noise.ts';
import { makeSky, type Sky } from '../sky.ts';

/** The sea or a lake to the horizon, or a pool from above. */
export function water(random: Random): Shader {
  return random.uniform() < 0.62 ? sea(random) : pool(random);
}

interface Wave {
  readonly x: number;
  readonly z: number;
  readonly phase: number;
  readonly height: number;
}

/** Waves of many lengths that run in about one direction. */
function makeWaves(random: Random, longest: number, steepness: number): Wave[] {
  const wind = random.uniform(0, Math.PI);
  return Array.from({ length: 7 }, (_, i) => {
    const length = longest * 0.68 ** i;
    const direction = wind + random.normal() * 0.4;
    const number = (2 * Math.PI) / length;
    return {
      x: number * Math.cos(direction),
      z: number * Math.sin(direction),
      phase: random.uniform(0, 2 * Math.PI),
      height: steepness * length * random.uniform(0.5, 1),
    };
  });
}

/** How the water slopes at a point. */
interface Slope {
  x: number;
  z: number;
}

/**
 * The slope of all waves together; `bend` shifts them. Waves that are short for the `footprint` of a pixel are left out: they would only
 * flicker.
 */
function slopeOf(
  waves: readonly Wave[],
  x: number,
  z: number,
  bend: number,
  footprint: number,
  slope: Slope,
): void {
  slope.x = 0;
  slope.z = 0;
  for (const wave of waves) {
    const seen = smoothstep(2.4, 0.7, lengthOf(wave.x, wave.z) * footprint);
    if (seen === 0) continue;
    const push = wave.height * seen * Math.cos(wave.x * x + wave.z * z + wave.phase + bend);
    slope.x -= push * wave.x;
    slope.z -= push * wave.z;
  }
}

function sea(random: Random): Shader {
  const sky = makeSky(random, Math.PI + random.uniform(-0.7, 0.7));
  const noise = new Noise(random);
  const camera: Camera = {
    height: random.uniform(1.2, 4),
    pitch: random.uniform(0.02, 0.4),
    focal: random.uniform(1.4, 2.2),
  };
  const waves = makeWaves(random, random.uniform(1.6, 5), random.uniform(0.014, 0.034));
  const deep = near(random, random.uniform(0.2, 0.42), 0.06, random.uniform(170, 245));
  const island = random.uniform() < 0.45 ? random.uniform(0.03, 0.12) : -1;
  const islandShift = random.uniform(0, 50);
  const ray: Direction = { x: 0, y: 0, z: 0 };
  const slope: Slope = { x: 0, z: 0 };
  return (u, v, slot) => {
    lookAt(camera, u, v, ray);
    if (ray.y > -0.004) {
      sky.colour(ray, slot);
      const shore = island < 0 ? -1 : island * (0.3 + noise.fractal(u * 1.3 + islandShift, 2, 4));
      if (ray.y < shore) cover(slot, mix(sky.horizon, [0.03, 0.045, 0.05], 0.55), 0.95);
      return;
    }
    const reach = -camera.height / ray.y;
    const x = ray.x * reach;
    const z = ray.z * reach;
    slopeOf(waves, x, z, 0.9 * noise.at(x * 0.3, z * 0.3), (reach * reach) / (camera.height * 90), slope);
    slope.x += 0.16 * noise.at(x * 4, z * 4) * clamp(3 / reach);
    reflect(sky, ray, slope, deep, slot);
    cover(slot, sky.horizon, 1 - Math.exp(-reach * 0.006));
  };
}

const mirrored: Direction = { x: 0, y: 0, z: 0 };

/** Water shows the sky where it is seen at a flat angle, and its own depth where it is seen from above. */
function reflect(sky: Sky, ray: Direction, slope: Slope, deep: Rgb, slot: ColourSlot): void {
  const length = Math.sqrt(slope.x * slope.x + 1 + slope.z * slope.z);
  const against = ray.x * slope.x + ray.y + ray.z * slope.z;
  const turned = (-2 * against) / (length * length);
  mirrored.x = ray.x + turned * slope.x;
  mirrored.y = Math.abs(ray.y + turned);
  mirrored.z = ray.z + turned * slope.z;
  sky.colour(mirrored, slot, mirrored.y > 0.1);
  const fresnel = 0.03 + 0.97 * (1 - clamp(-against / length)) ** 5;
  light(slot, fresnel);
  add(slot, deep, (1 - fresnel) * (0.55 + 2.2 * Math.max(0, slope.x * sky.sun.x + 0.1)));
  const sparkle = clamp(mirrored.x * sky.sun.x + mirrored.y * sky.sun.y + mirrored.z * sky.sun.z);
  add(slot, sky.sunlight, 2.2 * sparkle ** 160);
}

/** Tiles under moving water: their lines waver, and the light draws bright nets on them. */
function pool(random: Random): Shader {
  const noise = new Noise(random);
  const waves = makeWaves(random, random.uniform(0.9, 1.8), random.uniform(0.008, 0.02));
  const colour = near(random, random.uniform(0.6, 0.8), random.uniform(0.07, 0.12), random.uniform(180, 235));
  const joint = mix(colour, oklch(0.93, 0.02, 200), 0.55);
  const tile = random.uniform(0.16, 0.42);
  const turn = random.uniform(0, Math.PI / 2);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const nets = random.uniform(2, 4.5);
  const brightness = random.uniform(0.35, 0.9);
  const depth = random.uniform(0.6, 1.4);
  const tilt = random.uniform(0, 0.5);
  const slope: Slope = { x: 0, z: 0 };
  return (u, v, slot) => {
    const scale = 1 / (1.15 + tilt * v * 0.6);
    const x = u * scale * 1.2;
    const z = v * scale * 1.2;
    slopeOf(waves, x, z, 0, 0, slope);
    const bottomX = x + depth * 0.45 * slope.x;
    const bottomZ = z + depth * 0.45 * slope.z;
    const across = (bottomX * cosine - bottomZ * sine) / tile;
    const down = (bottomX * sine + bottomZ * cosine) / tile;
    const edge = Math.min(Math.abs(across - Math.round(across)), Math.abs(down - Math.round(down)));
    put(slot, mix(joint, colour, smoothstep(0.03, 0.09, edge)));
    light(slot, 0.82 + 0.3 * noise.square(Math.floor(across), Math.floor(down)));
    const bendX = noise.at(bottomX * nets * 0.7 + 5, bottomZ * nets * 0.7);
    const bendZ = noise.at(bottomX * nets * 0.7, bottomZ * nets * 0.7 + 9);
    const net = Math.max(0, 1 - Math.abs(noise.at(bottomX * nets + bendX, bottomZ * nets + bendZ)));
    light(slot, 0.7 + brightness * (net ** 9 + 0.35 * net ** 3));
    const glint = smoothstep(0.1, 0.2, 0.7 * (slope.x + slope.z));
    add(slot, [0.9, 0.95, 1], 0.3 * glint);
    cover(slot, [0.75, 0.85, 0.95], 0.1 + 0.2 * clamp(-v * 0.5 + 0.3) * tilt);
  };
}
