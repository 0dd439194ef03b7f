import type { Random } from '../../runtime/random.ts';
import type { Direction } from './camera.ts';
import {
  add,
  type ColourSlot,
  cover,
  type Lch,
  mix,
  near,
  oklch,
  pick,
  put,
  type Rgb,
  smoothstep,
} from './colour.ts';
import { Noise } from './noise.ts';

/** A sky with a sun and clouds, for any direction that points upwards. */
export interface Sky {
  readonly zenith: Rgb;
  readonly horizon: Rgb;
  readonly sunlight: Rgb;
  readonly sun: Direction;
  /** The colour in a direction of length 1; `clouds` false leaves them out, where they would not be seen. */
  colour(ray: Direction, slot: ColourSlot, clouds?: boolean): void;
}

/** Lightness, chroma and hue of the zenith, the horizon and the sun's light, and the elevations of the sun, in degrees. */
interface Hour {
  readonly zenith: Lch;
  readonly horizon: Lch;
  readonly light: Lch;
  readonly elevation: readonly [number, number];
}

const HOURS: readonly [Hour, ...Hour[]] = [
  { zenith: [0.6, 0.12, 250], horizon: [0.86, 0.05, 235], light: [0.98, 0.02, 95], elevation: [30, 65] },
  { zenith: [0.68, 0.06, 245], horizon: [0.9, 0.02, 90], light: [0.97, 0.03, 90], elevation: [20, 50] },
  { zenith: [0.48, 0.11, 265], horizon: [0.82, 0.12, 60], light: [0.9, 0.1, 65], elevation: [4, 14] },
  { zenith: [0.4, 0.09, 285], horizon: [0.74, 0.15, 35], light: [0.85, 0.13, 50], elevation: [2, 8] },
  { zenith: [0.72, 0.02, 240], horizon: [0.83, 0.015, 220], light: [0.92, 0.01, 90], elevation: [40, 70] },
];

/** A sky whose sun stands at an azimuth, in radians, 0 being behind the camera. */
export function makeSky(random: Random, azimuth: number): Sky {
  const hour = pick(random, HOURS);
  const elevation = (random.uniform(...hour.elevation) * Math.PI) / 180;
  const zenith = near(random, ...hour.zenith, 0.6);
  const horizon = near(random, ...hour.horizon, 0.6);
  const sunlight = oklch(...hour.light);
  const sun = {
    x: Math.sin(azimuth) * Math.cos(elevation),
    y: Math.sin(elevation),
    z: -Math.cos(azimuth) * Math.cos(elevation),
  };
  const clouds = makeClouds(random, sunlight, horizon);
  const colour = (ray: Direction, slot: ColourSlot, withClouds = true): void => {
    const up = Math.max(0, ray.y);
    put(slot, mix(horizon, zenith, 1 - Math.exp(-up * 3.2)));
    const towards = Math.max(0, ray.x * sun.x + ray.y * sun.y + ray.z * sun.z);
    add(slot, sunlight, 0.3 * towards ** 12 + 0.5 * towards ** 120);
    if (withClouds) clouds(ray, towards, slot);
    add(slot, sunlight, 6 * smoothstep(0.9993, 0.9998, towards));
  };
  return { zenith, horizon, sunlight, sun, colour };
}

type Clouds = (ray: Direction, towardsSun: number, slot: ColourSlot) => void;

/** A flat layer of clouds: denser noise is cloud, brighter where it thins out towards the sun. */
function makeClouds(random: Random, sunlight: Rgb, horizon: Rgb): Clouds {
  const noise = new Noise(random);
  const cover0 = random.uniform(-0.25, 0.45);
  const scale = random.uniform(0.7, 1.8);
  const stretch = random.uniform(0.4, 1);
  const drift = random.uniform(0, 100);
  const bright = mix([1, 1, 1], sunlight, 0.6);
  const shade = mix(horizon, [0.25, 0.27, 0.32], 0.6);
  return (ray, towardsSun, slot) => {
    if (ray.y < 0.01) return;
    const distance = scale / (ray.y + 0.12);
    const x = ray.x * distance * stretch + drift;
    const density = noise.fractal(x, ray.z * distance, 4) - cover0;
    if (density <= 0) return;
    const share = smoothstep(0, 0.35, density) * smoothstep(0.01, 0.12, ray.y);
    const thickness = smoothstep(0.1, 0.7, density) * (1 - 0.5 * towardsSun);
    cover(slot, mix(bright, shade, 0.75 * thickness), share * 0.95);
  };
}
