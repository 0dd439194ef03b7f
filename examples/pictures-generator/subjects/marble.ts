import type { Random } from '../../../runtime/random.ts';
import { add, clamp, cover, type Lch, light, mix, near, pick, put, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { Noise } from '../noise.ts';

/** Lightness, chroma, hue of the ground, of its clouds, of the veins and of the fine veins. */
type StoneKind = Readonly<Record<'ground' | 'clouds' | 'veins' | 'fine', Lch>>;

const STONES: readonly [StoneKind, ...StoneKind[]] = [
  { ground: [0.93, 0.01, 80], clouds: [0.8, 0.01, 240], veins: [0.45, 0.015, 250], fine: [0.6, 0.03, 70] },
  { ground: [0.2, 0.01, 260], clouds: [0.28, 0.015, 250], veins: [0.85, 0.04, 85], fine: [0.7, 0.09, 80] },
  { ground: [0.38, 0.06, 160], clouds: [0.27, 0.05, 165], veins: [0.86, 0.02, 150], fine: [0.6, 0.05, 155] },
  { ground: [0.78, 0.05, 40], clouds: [0.66, 0.07, 30], veins: [0.93, 0.02, 60], fine: [0.45, 0.06, 25] },
  { ground: [0.84, 0.05, 85], clouds: [0.74, 0.06, 70], veins: [0.55, 0.08, 55], fine: [0.92, 0.02, 90] },
  { ground: [0.5, 0.05, 255], clouds: [0.38, 0.06, 265], veins: [0.88, 0.02, 240], fine: [0.7, 0.04, 80] },
];

/** Polished marble: warped clouds, broad and fine veins, sometimes laid in slabs, with the gleam of a window on it. */
export function marble(random: Random): Shader {
  const noise = new Noise(random);
  const stone = pick(random, STONES);
  const ground = near(random, ...stone.ground, 0.4);
  const clouds = near(random, ...stone.clouds, 0.4);
  const veins = near(random, ...stone.veins, 0.4);
  const fine = near(random, ...stone.fine, 0.4);
  const scale = random.uniform(0.7, 1.7);
  const angle = random.uniform(0, Math.PI);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const warp = random.uniform(0.5, 1.2);
  const sharpness = random.uniform(5, 11);
  const slabs = random.uniform() < 0.35 ? random.uniform(0.7, 1.3) : 0;
  const gleam = gleamOn(random);
  return (u, v, slot) => {
    const column = slabs > 0 ? Math.floor(u * slabs + 0.37) : 0;
    const row = slabs > 0 ? Math.floor(v * slabs + 0.61) : 0;
    const x = (u * cosine - v * sine) * scale + column * 7.3 + 20;
    const y = (u * sine + v * cosine) * scale + row * 5.9;
    const bendX = noise.fractal(x * 0.8, y * 0.8, 3);
    const bendY = noise.fractal(x * 0.8 + 31.7, y * 0.8 - 12.1, 3);
    const wx = x + warp * bendX;
    const wy = y + warp * bendY;
    put(slot, mix(ground, clouds, smoothstep(-0.35, 0.6, noise.fractal(wx * 1.3, wy * 1.3, 3))));
    // Veins run where a noise that is drawn out along them changes its sign.
    const broad = ridge(noise.at(wx * 0.35 + 5, wy * 1.5));
    cover(slot, veins, 0.9 * broad ** (sharpness * 2.5) * smoothstep(-0.6, 0.35, bendX + bendY));
    const thin = ridge(noise.at(wx * 1.1 - 9, wy * 2.9 + 4));
    cover(slot, fine, 0.6 * thin ** (sharpness * 3.5));
    light(slot, 0.95 + 0.1 * noise.at(x * 22, y * 22));
    if (slabs > 0) {
      const edge = Math.min(near01(u * slabs + 0.37), near01(v * slabs + 0.61)) / slabs;
      light(slot, 0.45 + 0.55 * smoothstep(0.004, 0.02, edge));
    }
    gleam(u, v, slot);
  };
}

/** 1 where a noise is 0, 0 where it is far from that. */
function ridge(noise: number): number {
  return Math.max(0, 1 - Math.abs(noise));
}

/** Distance to the nearest whole number. */
function near01(value: number): number {
  return Math.abs(value - Math.round(value));
}

/** The mirror image of a window or a lamp, blurred by the polish, over light that falls off. */
function gleamOn(random: Random): (u: number, v: number, slot: Float64Array) => void {
  const strength = random.uniform() < 0.6 ? random.uniform(0.12, 0.5) : 0;
  const [x, y] = [random.uniform(-0.8, 0.8), random.uniform(-0.9, 0.3)];
  const slant = random.uniform(-0.6, 0.6);
  const [width, height] = [random.uniform(0.15, 0.5), random.uniform(0.3, 0.8)];
  const panes = random.uniform() < 0.5;
  const fall = random.uniform(-0.2, 0.2);
  return (u, v, slot) => {
    light(slot, 1.05 * (1 + fall * u + 0.1 * v));
    if (strength === 0) return;
    const across = (u - x - slant * (v - y)) / width;
    const down = (v - y) / height;
    let share = smoothstep(1.15, 0.8, Math.abs(across)) * smoothstep(1.15, 0.8, Math.abs(down));
    if (panes) share *= 1 - 0.8 * smoothstep(0.16, 0.06, Math.abs(across));
    add(slot, [0.95, 0.98, 1.05], strength * clamp(share));
  };
}
