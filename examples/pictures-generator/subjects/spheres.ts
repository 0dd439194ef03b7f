import type { Random } from '../../../runtime/random.ts';
import { type Camera, type Direction, lightFrom, lookAt } from '../camera.ts';
import {
  add,
  type ColourSlot,
  clamp,
  mix,
  near,
  oklch,
  pick,
  put,
  type Rgb,
  smoothstep,
  tint,
} from '../colour.ts';
import type { Shader } from '../develop.ts';
import { lengthOf, Noise } from '../noise.ts';

interface Ball {
  readonly x: number;
  readonly z: number;
  readonly radius: number;
  readonly paint: (normal: Direction) => Rgb;
  readonly gloss: number;
  readonly mirror: number;
}

/** Balls of many materials on a table or floor, in one soft light. */
export function spheres(random: Random): Shader {
  const camera: Camera = {
    height: random.uniform(0.9, 2.2),
    pitch: random.uniform(0.16, 0.42),
    focal: random.uniform(1.7, 2.4),
  };
  const noise = new Noise(random);
  const balls = placeBalls(random, noise);
  const sun = lightFrom(random.uniform(-1.3, 1.3), random.uniform(0.5, 1.1));
  const ground = groundPaint(random, noise);
  const wall = near(random, random.uniform(0.45, 0.85), random.uniform(0.01, 0.07), random.uniform(0, 360));
  const scene: Scene = {
    balls,
    sun,
    ground,
    wall,
    warmth: oklch(0.98, 0.03, 80),
    softness: random.uniform(0.08, 0.3),
  };
  const ray = { x: 0, y: 0, z: 0 };
  const origin = { x: 0, y: camera.height, z: -4 };
  return (u, v, slot) => {
    lookAt(camera, u, v, ray);
    trace(scene, origin, ray, slot, true);
  };
}

interface Scene {
  readonly balls: readonly Ball[];
  readonly sun: Direction;
  readonly ground: (x: number, z: number) => Rgb;
  readonly wall: Rgb;
  readonly warmth: Rgb;
  /** How fast shadows grow soft with distance. */
  readonly softness: number;
}

function placeBalls(random: Random, noise: Noise): Ball[] {
  const wanted = 2 + random.integer(5);
  const balls: Ball[] = [];
  for (let tries = 0; tries < 60 && balls.length < wanted; tries++) {
    const radius = random.uniform(0.28, 1);
    const z = random.uniform(-1, 4);
    const x = random.uniform(-0.55, 0.55) * (z + 4);
    const free = balls.every((ball) => lengthOf(ball.x - x, ball.z - z) > 0.95 * (ball.radius + radius));
    if (free) balls.push({ x, z, radius, ...material(random, noise) });
  }
  return balls;
}

function material(random: Random, noise: Noise): Pick<Ball, 'paint' | 'gloss' | 'mirror'> {
  const hue = random.uniform(0, 360);
  const colour = near(random, random.uniform(0.4, 0.8), random.uniform(0.06, 0.2), hue);
  const other = pick(random, [
    oklch(0.93, 0.02, 90),
    near(random, random.uniform(0.3, 0.8), 0.12, hue + random.uniform(60, 300)),
  ]);
  const axis = lightFrom(random.uniform(-3, 3), random.uniform(-1, 1.5));
  const bands = random.uniform(3, 8);
  const along = (normal: Direction) => normal.x * axis.x + normal.y * axis.y + normal.z * axis.z;
  const shift = random.uniform(0, 100);
  const paints: readonly [Ball['paint'], ...Ball['paint'][]] = [
    () => colour,
    (normal) =>
      mix(
        colour,
        other,
        smoothstep(-0.08, 0.08, Math.sin(bands * Math.acos(clamp(along(normal) / 2 + 0.5) * 2 - 1))),
      ),
    (normal) => mix(colour, other, smoothstep(-0.02, 0.02, along(normal))),
    (normal) => {
      const grain = noise.fractal(normal.x * 2.5 + shift, normal.y * 2.5 + normal.z * 1.7, 3);
      return mix(colour, other, smoothstep(-0.25, 0.35, grain));
    },
    () => mix(colour, [0.02, 0.02, 0.025], 0.6),
  ];
  const dull = random.uniform() < 0.35;
  return {
    paint: pick(random, paints),
    gloss: dull ? 0.05 : random.uniform(0.3, 1),
    mirror: dull ? 0 : random.uniform(0.02, 0.12),
  };
}

function groundPaint(random: Random, noise: Noise): Scene['ground'] {
  const lightness = random.uniform(0.45, 0.85);
  const hue = random.uniform(20, 110);
  const a = near(random, lightness, 0.05, hue);
  const b = near(random, lightness - random.uniform(0.12, 0.35), 0.06, hue + random.uniform(-40, 40));
  const size = random.uniform(0.6, 1.4);
  const turn = random.uniform(0, Math.PI);
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const across = (x: number, z: number) => (x * cosine - z * sine) / size;
  const down = (x: number, z: number) => (x * sine + z * cosine) / size;
  const kinds: readonly [Scene['ground'], ...Scene['ground'][]] = [
    (x, z) => (((Math.floor(across(x, z)) + Math.floor(down(x, z))) & 1) === 0 ? a : b),
    (x, z) => {
      const plank = Math.floor(across(x, z) * 2);
      const grain = noise.fractal(across(x, z) * 9, down(x, z) * 0.7 + plank * 7.7, 3);
      return mix(a, b, clamp(0.3 + 0.5 * grain + 0.4 * noise.square(plank, 3)));
    },
    (x, z) => mix(a, b, clamp(0.4 + 0.9 * noise.fractal(x * 3.5, z * 3.5, 4))),
    (x, z) => mix(a, b, smoothstep(-0.15, 0.15, Math.sin(across(x, z) * 7))),
    (x, z) => mix(a, b, 0.3 * clamp(0.5 + noise.fractal(x * 8, z * 8, 2))),
  ];
  return pick(random, kinds);
}

const point: Direction = { x: 0, y: 0, z: 0 };
const normal: Direction = { x: 0, y: 0, z: 0 };
const around: ColourSlot = new Float64Array(3);

/** The light that a ray meets; `bounce` whether balls mirror what is around them. */
function trace(scene: Scene, origin: Direction, ray: Direction, slot: ColourSlot, bounce: boolean): void {
  let distance = Number.POSITIVE_INFINITY;
  let ball: Ball | undefined;
  for (const candidate of scene.balls) {
    const reach = distanceTo(candidate, origin, ray);
    if (reach < distance) {
      distance = reach;
      ball = candidate;
    }
  }
  const toGround = ray.y < -1e-4 ? -origin.y / ray.y : Number.POSITIVE_INFINITY;
  if (ball === undefined && toGround > 30) {
    put(slot, scene.wall, 0.75 + 0.5 * clamp(ray.y));
    return;
  }
  const reach = Math.min(distance, toGround);
  point.x = origin.x + ray.x * reach;
  point.y = origin.y + ray.y * reach;
  point.z = origin.z + ray.z * reach;
  if (ball === undefined || toGround < distance) shadeGround(scene, slot, reach);
  else shadeBall(scene, ball, ray, slot, bounce);
}

/** How far along a ray it meets a ball; infinite when it does not. */
function distanceTo(ball: Ball, origin: Direction, ray: Direction): number {
  const x = ball.x - origin.x;
  const y = ball.radius - origin.y;
  const z = ball.z - origin.z;
  const along = x * ray.x + y * ray.y + z * ray.z;
  const inside = ball.radius * ball.radius - (x * x + y * y + z * z - along * along);
  if (inside < 0) return Number.POSITIVE_INFINITY;
  const distance = along - Math.sqrt(inside);
  return distance > 1e-3 ? distance : Number.POSITIVE_INFINITY;
}

/** How much of the sun reaches `point`, 0..1: shadows grow softer away from what casts them. */
function sunAt(scene: Scene, self: Ball | undefined): number {
  let lit = 1;
  for (const ball of scene.balls) {
    if (ball === self) continue;
    const x = ball.x - point.x;
    const y = ball.radius - point.y;
    const z = ball.z - point.z;
    const along = x * scene.sun.x + y * scene.sun.y + z * scene.sun.z;
    if (along <= 0) continue;
    const past = Math.sqrt(Math.max(0, x * x + y * y + z * z - along * along));
    const blur = scene.softness * along;
    lit *= smoothstep(ball.radius - blur, ball.radius + blur, past);
  }
  return lit;
}

/** How much of the sky the balls leave open above a point of the ground. */
function opennessAt(scene: Scene): number {
  let open = 1;
  for (const ball of scene.balls) {
    const x = ball.x - point.x;
    const z = ball.z - point.z;
    const ratio = (ball.radius * ball.radius) / (x * x + z * z + ball.radius * ball.radius);
    open *= 1 - 0.85 * ratio * Math.sqrt(ratio);
  }
  return open;
}

function shadeGround(scene: Scene, slot: ColourSlot, distance: number): void {
  put(slot, scene.ground(point.x, point.z));
  const sun = 1.05 * scene.sun.y * sunAt(scene, undefined);
  tint(slot, scene.warmth, sun + 0.42 * opennessAt(scene));
  const haze = 1 - Math.exp(-Math.max(0, distance - 5) * 0.09);
  for (let i = 0; i < 3; i++) slot[i] = (slot[i] ?? 0) * (1 - haze) + (scene.wall[i] ?? 0) * 0.75 * haze;
}

function shadeBall(scene: Scene, ball: Ball, ray: Direction, slot: ColourSlot, bounce: boolean): void {
  normal.x = (point.x - ball.x) / ball.radius;
  normal.y = (point.y - ball.radius) / ball.radius;
  normal.z = (point.z - ball.z) / ball.radius;
  const { x, y, z } = normal;
  const { sun } = scene;
  const colour = ball.paint(normal);
  const facing = x * sun.x + y * sun.y + z * sun.z;
  const direct = Math.max(0, facing) * sunAt(scene, ball);
  const sky = 0.5 + 0.5 * y;
  const floor = scene.ground(point.x, point.z);
  put(slot, colour, 1.15 * direct + 0.34 * sky);
  for (let i = 0; i < 3; i++)
    slot[i] = (slot[i] ?? 0) + (colour[i] ?? 0) * (floor[i] ?? 0) * 0.45 * (1 - sky);
  const turned = -2 * (ray.x * x + ray.y * y + ray.z * z);
  const mirrored = { x: ray.x + turned * x, y: ray.y + turned * y, z: ray.z + turned * z };
  const towardsSun = Math.max(0, mirrored.x * sun.x + mirrored.y * sun.y + mirrored.z * sun.z);
  const edge = (1 - Math.max(0, turned / 2)) ** 5;
  if (bounce && ball.mirror > 0) {
    const share = ball.mirror + (1 - ball.mirror) * 0.6 * edge;
    const from = { ...point };
    trace(scene, from, mirrored, around, false);
    for (let i = 0; i < 3; i++) slot[i] = (slot[i] ?? 0) * (1 - share) + (around[i] ?? 0) * share;
  }
  if (facing > 0) add(slot, scene.warmth, ball.gloss * (1.6 * towardsSun ** 90 + 0.12 * towardsSun ** 10));
}
