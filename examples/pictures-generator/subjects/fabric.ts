import type { Random } from '../../../runtime/random.ts';
import { add, clamp, light, mix, near, oklch, pick, put, type Rgb, smoothstep } from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise, onGrid } from '../noise.ts';

/** The dye of a cloth, in its own units: about one pattern a unit. */
type Dye = (x: number, y: number) => Rgb;

/** Woven, printed and knitted cloth that hangs or lies in folds. */
export function fabric(random: Random): Shader {
  const noise = new Noise(random);
  const dye = pick(random, [tartan, tartan, stripes, dots, diamonds, plain])(random, noise);
  const fold = onGrid(128, folds(random, noise));
  const scale = random.uniform(1.2, 3);
  const turn = random.uniform(0, Math.PI);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const threads = random.uniform(11, 24);
  const coarse = random.uniform(0.05, 0.28);
  const sheen = random.uniform() < 0.35 ? random.uniform(0.15, 0.5) : 0;
  const sun = random.uniform(0, 2 * Math.PI);
  const [sunX, sunY] = [Math.cos(sun), Math.sin(sun)];
  const step = 0.02;
  return (u, v, slot) => {
    const height = fold(u, v);
    const slopeX = (fold(u + step, v) - height) / step;
    const slopeY = (fold(u, v + step) - height) / step;
    // A fold takes cloth with it: the pattern follows the slope.
    const x = u + 0.1 * slopeX + 3;
    const y = v + 0.1 * slopeY + 3;
    const along = (x * cosine - y * sine) * scale;
    const across = (x * sine + y * cosine) * scale;
    put(slot, dye(along, across));
    const over = Math.sin(along * threads * 2) * Math.sin(across * threads * 2);
    const weave = 1 + coarse * (over + 0.7 * noise.at(along * threads, across * threads));
    const length = Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
    const facing = (0.75 - 0.75 * (slopeX * sunX + slopeY * sunY)) / length;
    light(slot, weave * (0.3 + 0.95 * Math.max(0, facing)) * (0.82 + 0.3 * clamp(height + 0.5)));
    if (sheen > 0) add(slot, oklch(0.95, 0.02, 80), sheen * clamp(facing) ** 7);
  };
}

/** The height of the cloth. */
function folds(random: Random, noise: Noise): (u: number, v: number) => number {
  const turn = random.uniform(0, Math.PI);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const count = random.uniform(1, 3.2);
  const deep = random.uniform(0.06, 0.28) / count;
  const crumple = random.uniform(0.02, 0.1);
  const soft = random.uniform(0.8, 1.6);
  const drape = random.uniform(0.2, 0.9);
  const shift = random.uniform(0, 60);
  return (u, v) => {
    const across = u * cosine + v * sine;
    const along = v * cosine - u * sine;
    const bend = across * count + drape * noise.at(across * 0.6 + shift, along * 0.7);
    // Ridges are round, valleys sharp, as cloth falls.
    const ridge = Math.abs(Math.sin(bend * 1.6)) ** soft;
    return deep * 1.7 * ridge + crumple * noise.fractal(u * 1.3 + shift, v * 1.3, 2);
  };
}

function colours(random: Random): { readonly ground: Rgb; readonly second: Rgb; readonly third: Rgb } {
  const hue = random.uniform(0, 360);
  const lightness = random.uniform(0.32, 0.85);
  const other =
    lightness > 0.58 ? lightness - random.uniform(0.2, 0.45) : lightness + random.uniform(0.2, 0.45);
  return {
    ground: near(random, lightness, random.uniform(0.02, 0.15), hue),
    second: near(random, other, random.uniform(0.02, 0.15), hue + random.uniform(-60, 200)),
    third: near(random, random.uniform(0.3, 0.92), random.uniform(0.05, 0.17), hue + random.uniform(90, 270)),
  };
}

/** A checked cloth: the same stripes lengthwise and across, threads of two colours side by side where they cross. */
function tartan(random: Random): Dye {
  const { ground, second, third } = colours(random);
  const broad = random.uniform(0.25, 0.5);
  const fine = random.uniform(0.03, 0.08);
  const line = random.uniform(0.55, 0.85);
  const thread = (t: number): Rgb => {
    const at = t - Math.floor(t);
    if (Math.abs(at - line) < fine) return third;
    return at < broad ? second : ground;
  };
  return (x, y) => mix(thread(x), thread(y), 0.5 + 0.16 * Math.sign(Math.sin((x + y) * 40)));
}

function stripes(random: Random): Dye {
  const { ground, second, third } = colours(random);
  const widths = Array.from({ length: 3 }, () => random.uniform(0.15, 0.5));
  const [first = 0.3, middle = 0.3] = widths;
  const total = widths.reduce((sum, width) => sum + width, 0);
  return (x) => {
    const at = (x / total - Math.floor(x / total)) * total;
    if (at < first) return ground;
    return at < first + middle ? second : third;
  };
}

function dots(random: Random): Dye {
  const { ground, second } = colours(random);
  const radius = random.uniform(0.18, 0.36);
  return (x, y) => {
    const row = Math.floor(y * 1.15);
    const inX = x + (row & 1) * 0.5;
    const distance = lengthOf(inX - Math.floor(inX) - 0.5, (y * 1.15 - row - 0.5) / 1.15);
    return mix(second, ground, smoothstep(radius - 0.03, radius + 0.03, distance));
  };
}

/** An argyle: diamonds in two colours with fine lines across. */
function diamonds(random: Random): Dye {
  const { ground, second, third } = colours(random);
  const tall = random.uniform(1, 1.8);
  return (x, y) => {
    const a = x + y / tall;
    const b = x - y / tall;
    const lines = Math.min(Math.abs(a - Math.floor(a) - 0.5), Math.abs(b - Math.floor(b) - 0.5));
    const field = ((Math.floor(a) + Math.floor(b)) & 1) === 0 ? ground : second;
    return lines < 0.025 ? third : field;
  };
}

/** One dye that took unevenly. */
function plain(random: Random, noise: Noise): Dye {
  const { ground, second } = colours(random);
  const uneven = random.uniform(0, 0.3);
  return (x, y) => mix(ground, second, uneven * clamp(0.5 + noise.fractal(x * 1.2, y * 1.2, 3)));
}
