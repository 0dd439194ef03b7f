import type { Random } from '../../../runtime/random.ts';
import { add, clamp, type Lch, light, mix, near, oklch, pick, put, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise } from '../noise.ts';

/** Lightness, chroma, hue of early and of late wood. */
type WoodKind = readonly [Lch, Lch];

const WOODS: readonly [WoodKind, ...WoodKind[]] = [
  [
    [0.78, 0.09, 75],
    [0.58, 0.1, 58],
  ],
  [
    [0.68, 0.1, 65],
    [0.44, 0.09, 48],
  ],
  [
    [0.5, 0.08, 50],
    [0.3, 0.06, 40],
  ],
  [
    [0.55, 0.11, 42],
    [0.36, 0.1, 34],
  ],
  [
    [0.85, 0.045, 85],
    [0.7, 0.06, 75],
  ],
  [
    [0.62, 0.012, 80],
    [0.43, 0.015, 70],
  ],
];

/** Planks with the grain of the trunk they were sawn from, with knots, gaps and varnish. */
export function wood(random: Random): Shader {
  const noise = new Noise(random);
  const [early, late] = pick(random, WOODS);
  const pale = near(random, ...early, 0.5);
  const dark = near(random, ...late, 0.5);
  const angle =
    random.uniform() < 0.6
      ? pick(random, [0, Math.PI / 2]) + random.normal() * 0.04
      : random.uniform(0, Math.PI);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const planks = random.uniform() < 0.3 ? 0.3 : random.uniform(0.8, 3);
  const offset = random.uniform(0, 1);
  const rings = random.uniform(5, 14);
  const length = random.uniform(1.5, 4);
  const knots = random.uniform(0.2, 0.75);
  const contrast = random.uniform(0.55, 1);
  const gloss = {
    strength: random.uniform() < 0.5 ? random.uniform(0.1, 0.5) : 0,
    at: random.uniform(-0.8, 0.8),
    width: random.uniform(0.2, 0.6),
  };
  const fall = random.uniform(-0.3, 0.3);
  return (u, v, slot) => {
    const along = u * cosine + v * sine;
    const across = (v * cosine - u * sine) * planks + offset + 8;
    const plank = Math.floor(across);
    const within = across - plank;
    const joint = Math.floor(along / length + noise.square(plank, 7) * 3);
    const key = plank * 13 + joint * 7;
    // Position in the trunk: the rings are cut at a shallow angle, hence the long arches.
    const y = (within - 0.5) / planks + (noise.square(key, 1) - 0.5) * 1.4;
    const bend = 0.22 * noise.fractal(along * 0.7 + key * 3.1, y * 1.3, 2);
    const knot = knotAt(noise, along, within / planks, key, knots);
    const radius = lengthOf(y + bend, 0.22 * (along - 2 * (noise.square(key, 2) - 0.5))) + 0.12 * knot;
    const phase = radius * rings + 0.35 * noise.fractal(along * 1.2, y * 14, 2);
    const ring = phase - Math.floor(phase);
    const lateWood = smoothstep(0.25, 0.92, ring) * (1 - smoothstep(0.92, 1, ring));
    const fibre = noise.at(along * 3 + key, y * 60) * 0.5 + noise.at(along * 9, y * 110 + key) * 0.3;
    const tone = clamp(contrast * lateWood + 0.22 * fibre + 0.16);
    put(slot, mix(pale, dark, tone));
    light(slot, (0.86 + 0.3 * noise.square(key, 3)) * (1 - 0.75 * smoothstep(0.5, 1.2, knot)));
    const gap = Math.min(within, 1 - within) / planks;
    const end = Math.abs(along / length + noise.square(plank, 7) * 3 - joint - 0.5);
    const seam = planks < 0.5 ? 1 : smoothstep(0, 0.018, gap) * smoothstep(0.5, 0.492, end);
    light(slot, (0.15 + 0.85 * seam) * (1 + fall * u));
    const shine = gloss.strength * Math.exp(-(((u - v * 0.4 - gloss.at) / gloss.width) ** 2));
    add(slot, oklch(0.97, 0.01, 230), shine * (0.5 + 0.15 * fibre) * seam);
  };
}

/** How near a knot is: 0 away from it, above 1 in its heart. */
function knotAt(noise: Noise, along: number, across: number, key: number, share: number): number {
  const cell = Math.floor(along * 0.6);
  if (noise.square(cell, key, 4) > share) return 0;
  const x = along - (cell + 0.3 + 0.4 * noise.square(cell, key, 5)) / 0.6;
  const y = across - 0.15 - 0.3 * noise.square(cell, key, 6);
  const distance = lengthOf(x * 0.6, y) / (0.035 + 0.05 * noise.square(cell, key, 7));
  return 1.5 * Math.exp(-distance * distance * 0.35);
}
