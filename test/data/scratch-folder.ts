import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { onTestFinished } from 'vitest';
import { Random } from '../../runtime/random.ts';

/** A folder with these files, removed when the test has ended. */
export async function scratchFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mae-pictures-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** A colour picture of smooth waves that differ by key. */
export function waves(key: number, height: number, width: number): Sharp {
  const random = Random.from('waves', key);
  const [a = 0, b = 0, c = 0] = [random.uniform(), random.uniform(), random.uniform()];
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    return (
      128 +
      100 *
        Math.sin(a * 6 + (i % 3) + (3 * x) / width + (b * 5 * y) / height) *
        Math.cos((c * 4 * y) / height)
    );
  });
  return sharp(data, { raw: { height, width, channels: 3 } });
}

/** So many PNG files, "00.png" onwards. */
export async function waveFiles(count: number, height = 20, width = 24): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    files[`${String(i).padStart(2, '0')}.png`] = await waves(i, height, width).png().toBuffer();
  }
  return files;
}
