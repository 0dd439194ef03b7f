import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { photograph } from '../examples/pictures-generator/develop.ts';
import { SUBJECTS } from '../examples/pictures-generator/subjects.ts';
import { Random } from '../runtime/random.ts';

/** Changes whenever the pictures do. */
const EDITION = 1;

const WIDTH = 500;
const HEIGHT = 375;

/** Widths of the texture's grains in pixels, and how strong they are: more or less what a photograph has at each size. */
const TEXTURE = [
  [16, 10],
  [8, 9],
  [4, 8],
  [2, 8],
  [1, 8],
] as const;

/**
 * The paths of so many JPEGs of 500x375, drawn once and kept in the system's folder for temporary files. The drawn pictures are textured, so
 * that a file has about 90 kB, as photographs of this size do in ImageNet (quality 96, chroma of half the size).
 */
export async function photographs(
  count: number,
  onDrawn: (done: number) => void = () => undefined,
): Promise<string[]> {
  const folder = join(tmpdir(), 'mae-compiler-bench', `photographs-${EDITION}`);
  await mkdir(folder, { recursive: true });
  const names = Object.keys(SUBJECTS);
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const name = names[i % names.length] ?? '';
    const index = 1 + Math.floor(i / names.length);
    const path = join(folder, `${name}-${index}.jpg`);
    if (!existsSync(path)) {
      await writeFile(`${path}.part`, await texturedJpeg(name, index));
      await rename(`${path}.part`, path);
    }
    paths.push(path);
    onDrawn(i + 1);
  }
  return paths;
}

function texturedJpeg(name: string, index: number): Promise<Buffer> {
  const random = Random.from('photograph', name, index);
  const subject = SUBJECTS[name];
  if (subject === undefined) throw new RangeError(`there is no class of pictures called ${name}`);
  const square = photograph(subject(random), WIDTH, random);
  const top = (WIDTH - HEIGHT) >> 1;
  const pixels = Uint8Array.from(square.subarray(3 * WIDTH * top, 3 * WIDTH * (top + HEIGHT)));
  const texture = new Float32Array(WIDTH * HEIGHT);
  for (const [grain, strength] of TEXTURE) addGrain(texture, grain, strength, random);
  const phase = random.uniform(0, Math.PI);
  for (let i = 0; i < texture.length; i++) {
    // Some parts of a picture are smoother than others.
    const local = 0.4 + 0.6 * Math.abs(Math.sin((i % WIDTH) / 90 + phase));
    for (let channel = 0; channel < 3; channel++) {
      const value = (pixels[3 * i + channel] ?? 0) + (texture[i] ?? 0) * local + random.uniform(-2, 2);
      pixels[3 * i + channel] = Math.max(0, Math.min(255, Math.round(value)));
    }
  }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 96, optimiseCoding: false })
    .toBuffer();
}

/** Adds random values on a grid, interpolated between its points. */
function addGrain(texture: Float32Array, grain: number, strength: number, random: Random): void {
  const columns = Math.ceil(WIDTH / grain) + 2;
  const grid = Float32Array.from({ length: columns * (Math.ceil(HEIGHT / grain) + 2) }, () =>
    random.uniform(-strength, strength),
  );
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = Math.floor(y / grain) * columns + Math.floor(x / grain);
      const [right, below] = [(x % grain) / grain, (y % grain) / grain];
      const above = (grid[at] ?? 0) * (1 - right) + (grid[at + 1] ?? 0) * right;
      const beneath = (grid[at + columns] ?? 0) * (1 - right) + (grid[at + columns + 1] ?? 0) * right;
      texture[y * WIDTH + x] = (texture[y * WIDTH + x] ?? 0) + above * (1 - below) + beneath * below;
    }
  }
}
