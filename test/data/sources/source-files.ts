import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { waves } from '../scratch-folder.ts';

/** A file that was recorded by test/data/record/source-fixtures.py. */
export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

export const readFixture = (name: string): Promise<Uint8Array> => readFile(fixture(name));

/** The pixels that source-fixtures.py gives picture `key`: 8 rows of 10, red, green, blue. */
export function recordedPixels(key: number): number[] {
  return Array.from({ length: 240 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % 10, Math.floor(pixel / 10)];
    return [(x * 20 + key * 17) % 256, (y * 25 + key * 5) % 256, (key * 31) % 256][i % 3] ?? 0;
  });
}

/** A tar archive (ustar) of these members, in their order, with its two empty blocks at the end. */
export function tarOf(members: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const parts = Object.entries(members).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    return [tarHeader(name, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** A small picture, different for each key. */
export const pngOf = (key: number): Promise<Uint8Array> => waves(key, 6, 8).png().toBuffer();

/** A CIFAR-10 file: each record all red, green and blue values the same, `label` and then `label` * 20 + its place. */
export function cifarFile(labels: readonly number[]): Uint8Array {
  const records = labels.map((label, place) =>
    Buffer.concat([
      Buffer.of(label),
      Buffer.alloc(1024, label * 20 + place),
      Buffer.alloc(1024, 100 + place),
      Buffer.alloc(1024, 200),
    ]),
  );
  return Buffer.concat(records);
}
