import { Random } from '../../runtime/random.ts';
import { type ColourSlot, oklch } from './colour.ts';

/**
 * The light that comes from a point of a scene: u and v go from -1 to 1, from left to right and from top to bottom. The colour is
 * left in the slot.
 */
export type Shader = (u: number, v: number, slot: ColourSlot) => void;

/** Composes a scene at random. */
export type Subject = (random: Random) => Shader;

/** Two samples a pixel, on its diagonal, and the other two where those differ: edges come out smooth. */
const FIRST_SAMPLES = [0.25, 0.25, 0.75, 0.75] as const;
const MORE_SAMPLES = [0.75, 0.25, 0.25, 0.75] as const;
/** Share of the light by which two samples may differ. */
const EVEN = 0.2;

/**
 * Photographs a scene: samples it, then exposure, a slightly warm or cool light, darker corners, a film's tone curve, sRGB, and the
 * noise of a sensor, which is stronger in little light. Returns size * size red, green, blue bytes.
 */
export function photograph(shader: Shader, size: number, random: Random): Uint8Array {
  const exposure = random.uniform(0.8, 1.15);
  const whiteBalance = oklch(0.99, random.uniform(0, 0.02), random.uniform() < 0.6 ? 80 : 250);
  const vignette = random.uniform(0.05, 0.32);
  const grain = random.uniform(0.003, 0.016);
  const bytes = new Uint8Array(size * size * 3);
  const light = new Float64Array(3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      lightOf(shader, x, y, size, light);
      const u = (2 * x + 1) / size - 1;
      const v = (2 * y + 1) / size - 1;
      const fall = exposure * (1 - (vignette * (u * u + v * v)) / 2);
      const noise = random.bits();
      for (let channel = 0; channel < 3; channel++) {
        const developed = develop((light[channel] ?? 0) * fall * (whiteBalance[channel] ?? 1));
        const noisy =
          developed + grain * (1.3 - developed) * (GRAIN[(noise >>> (10 * channel)) & 0x3ff] ?? 0);
        bytes[(y * size + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(noisy * 255)));
      }
    }
  }
  return bytes;
}

const slot = new Float64Array(3);
const other = new Float64Array(3);

/** The mean light of a pixel. */
function lightOf(shader: Shader, x: number, y: number, size: number, light: ColourSlot): void {
  const [x0, y0, x1, y1] = FIRST_SAMPLES;
  shader((2 * (x + x0)) / size - 1, (2 * (y + y0)) / size - 1, slot);
  shader((2 * (x + x1)) / size - 1, (2 * (y + y1)) / size - 1, other);
  let even = true;
  for (let channel = 0; channel < 3; channel++) {
    const a = slot[channel] ?? 0;
    const b = other[channel] ?? 0;
    light[channel] = (a + b) / 2;
    if (Math.abs(a - b) > EVEN * (a + b) + 0.01) even = false;
  }
  if (even) return;
  const [x2, y2, x3, y3] = MORE_SAMPLES;
  shader((2 * (x + x2)) / size - 1, (2 * (y + y2)) / size - 1, slot);
  shader((2 * (x + x3)) / size - 1, (2 * (y + y3)) / size - 1, other);
  for (let channel = 0; channel < 3; channel++) {
    light[channel] = ((light[channel] ?? 0) * 2 + (slot[channel] ?? 0) + (other[channel] ?? 0)) / 4;
  }
}

/** Standard normal numbers to take at random. */
const GRAIN = Random.from('grain').fillNormal(new Float32Array(1024));

/** Light up to this is told apart. */
const BRIGHTEST = 9;
const DEVELOPED = Float64Array.from({ length: 4096 }, (_, i) => sRgb(toneCurve(BRIGHTEST * (i / 4095) ** 2)));

/** What an amount of light looks like, 0..1; from a table by the root of the light, which is finer in the dark. */
function develop(light: number): number {
  return DEVELOPED[Math.min(4095, Math.round(Math.sqrt(Math.max(0, light) / BRIGHTEST) * 4095))] ?? 0;
}

/** Deep shadows and a soft shoulder in the lights: Narkowicz's fit (2015) of the ACES film curve. */
function toneCurve(light: number): number {
  const x = 0.85 * light;
  return Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14));
}

function sRgb(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
