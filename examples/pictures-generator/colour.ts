import type { Random } from '../../runtime/random.ts';

/** Red, green and blue as amounts of light (linear), 1 being white paper in even light. */
export type Rgb = readonly [number, number, number];

/** Where a shader leaves its colour: red, green, blue. */
export type ColourSlot = Float64Array;

/**
 * A colour by lightness 0..1, chroma (0 grey, 0.1 muted, 0.2 vivid) and hue in degrees (30 red, 90 yellow, 140 green,
 * 250 blue): OKLCH, in which equal numbers look equally different (Ottosson 2020).
 */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    Math.max(0, 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    Math.max(0, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    Math.max(0, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** A colour near (lightness, chroma, hue). */
export function near(random: Random, lightness: number, chroma: number, hue: number, spread = 1): Rgb {
  return oklch(
    lightness + spread * random.uniform(-0.07, 0.07),
    Math.max(0, chroma + spread * random.uniform(-0.03, 0.03)),
    hue + spread * random.uniform(-14, 14),
  );
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

export function put(slot: ColourSlot, colour: Rgb, factor = 1): void {
  slot[0] = colour[0] * factor;
  slot[1] = colour[1] * factor;
  slot[2] = colour[2] * factor;
}

/** Lays a colour over the slot's, covering it by a share. */
export function cover(slot: ColourSlot, colour: Rgb, share: number): void {
  slot[0] = (slot[0] ?? 0) * (1 - share) + colour[0] * share;
  slot[1] = (slot[1] ?? 0) * (1 - share) + colour[1] * share;
  slot[2] = (slot[2] ?? 0) * (1 - share) + colour[2] * share;
}

export function add(slot: ColourSlot, colour: Rgb, factor: number): void {
  slot[0] = (slot[0] ?? 0) + colour[0] * factor;
  slot[1] = (slot[1] ?? 0) + colour[1] * factor;
  slot[2] = (slot[2] ?? 0) + colour[2] * factor;
}

export function light(slot: ColourSlot, factor: number): void {
  slot[0] = (slot[0] ?? 0) * factor;
  slot[1] = (slot[1] ?? 0) * factor;
  slot[2] = (slot[2] ?? 0) * factor;
}

/** Multiplies by a coloured light. */
export function tint(slot: ColourSlot, colour: Rgb, factor = 1): void {
  slot[0] = (slot[0] ?? 0) * colour[0] * factor;
  slot[1] = (slot[1] ?? 0) * colour[1] * factor;
  slot[2] = (slot[2] ?? 0) * colour[2] * factor;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  const x = clamp((value - low) / (high - low));
  return x * x * (3 - 2 * x);
}

export function clamp(value: number): number {
  return value < 0 ? 0 : Math.min(value, 1);
}

/** Lightness, chroma and hue, as `oklch` takes them. */
export type Lch = readonly [number, number, number];

export function pick<T>(random: Random, options: readonly [T, ...T[]]): T {
  return options[random.integer(options.length)] ?? options[0];
}
