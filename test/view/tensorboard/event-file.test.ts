import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../runtime/user-error.ts';
import { crc32c } from '../../../runtime/view/tensorboard/crc32c.ts';
import { encodeEvent } from '../../../runtime/view/tensorboard/event.ts';
import { EventFile, removeEventFiles } from '../../../runtime/view/tensorboard/event-file.ts';
import { scratchFolder } from '../../data/scratch-folder.ts';
import { decodeEvents } from './decode-events.ts';

const text = (markdown: string) => ({
  metadata: { plugin_data: { plugin_name: 'text' } },
  tensor: { dtype: 7, tensor_shape: { dim: [{ size: 1 }] }, string_val: [Buffer.from(markdown)] },
});
const fail = (error: unknown): void => {
  throw error;
};
const wallTime = expect.closeTo(Date.now() / 1000, -3);

describe('the decoder of these tests', () => {
  it("reads a file by TensorBoard's own writer (record.py)", async () => {
    const path = fileURLToPath(new URL('official.tfevents', import.meta.url));
    const events = decodeEvents(await readFile(path));
    const pixels = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    const written = events.find(({ step, wall_time }) => step === 5 && wall_time === 1_700_000_003);
    const [picture] = written?.summary?.value ?? [];
    expect(picture).toMatchObject({
      tag: 'reconstruction',
      image: { height: 2, width: 2, colorspace: 3, encoded_image_string: expect.any(Buffer) },
    });
    expect(await sharp(picture?.image?.encoded_image_string).removeAlpha().raw().toBuffer()).toEqual(pixels);
    expect(events.filter((event) => event !== written)).toEqual([
      { wall_time: expect.any(Number), file_version: 'brain.Event:2' },
      { wall_time: expect.any(Number), step: 4, file_version: 'brain.Event:2' },
      { wall_time: expect.any(Number), step: 4, session_log: { status: 'START' } },
      {
        wall_time: 1_700_000_000.5,
        step: 4,
        summary: { value: [{ tag: 'train/loss', simple_value: 0.75 }] },
      },
      {
        wall_time: 1_700_000_001.25,
        step: 5,
        summary: { value: [{ tag: 'train/lr', simple_value: Math.fround(1.5e-4) }] },
      },
      {
        wall_time: 1_700_000_002,
        step: 3_000_000_000,
        summary: { value: [{ tag: 'train/loss', simple_value: 0.5 }] },
      },
      {
        wall_time: 1_700_000_004,
        summary: { value: [{ tag: 'spec/text_summary', ...text('**naïve** | Größe') }] },
      },
    ]);
  });
});

describe('an event file', () => {
  it('holds scalars, pictures and text', async () => {
    const folder = await scratchFolder({});
    const events = await EventFile.open({ folder, step: 0, failed: fail });
    const png = await sharp({ create: { width: 3, height: 2, channels: 4, background: '#25f8' } })
      .png()
      .toBuffer();
    events.text(0, 'spec', '**naïve** | Größe');
    events.scalars(1, { 'train/loss': 0.75, 'train/lr': 1.5e-4 });
    events.scalars(3_000_000_000, { 'train/loss': Number.NaN });
    events.image(5, 'reconstruction', png);
    events.flush();
    expect(decodeEvents(await readFile(events.path))).toEqual([
      { wall_time: wallTime, step: 0, file_version: 'brain.Event:2' },
      { wall_time: wallTime, step: 0, summary: { value: [{ tag: 'spec', ...text('**naïve** | Größe') }] } },
      {
        wall_time: wallTime,
        step: 1,
        summary: {
          value: [
            { tag: 'train/loss', simple_value: 0.75 },
            { tag: 'train/lr', simple_value: Math.fround(1.5e-4) },
          ],
        },
      },
      {
        wall_time: wallTime,
        step: 3_000_000_000,
        summary: { value: [{ tag: 'train/loss', simple_value: Number.NaN }] },
      },
      {
        wall_time: wallTime,
        step: 5,
        summary: {
          value: [
            {
              tag: 'reconstruction',
              image: { height: 2, width: 3, colorspace: 4, encoded_image_string: png },
            },
          ],
        },
      },
    ]);
  });

  it('of a resumed run comes after the earlier ones and takes back their later steps', async () => {
    const folder = await scratchFolder({});
    // By a machine whose clock was ahead.
    const ahead = Math.floor(Date.now() / 1000) + 9000;
    await writeFile(join(folder, `events.out.tfevents.${ahead}.elsewhere.7.0`), '');
    await EventFile.open({ folder, step: 0, failed: fail });
    const resumed = await EventFile.open({ folder, step: 7, failed: fail });
    resumed.flush();
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    expect(resumed.path).toBe(join(folder, names[2] ?? ''));
    expect(names[2]).toMatch(
      new RegExp(`^events\\.out\\.tfevents\\.${ahead + 2}\\.[\\w.-]+\\.${process.pid}\\.0$`),
    );
    expect(decodeEvents(await readFile(resumed.path)).slice(1)).toEqual([
      { wall_time: wallTime, step: 8, session_log: { status: 'START' } },
    ]);
  });

  it('is whole after every write, and keeps what could not be written', async () => {
    const folder = await scratchFolder({});
    const failures: unknown[] = [];
    const events = await EventFile.open({ folder, step: 0, failed: (error) => failures.push(error) });
    events.flush();
    const before = await readFile(events.path);
    await rename(folder, `${folder}-away`);
    events.scalars(1, { loss: 1 });
    events.flush();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(UserError);
    await rename(`${folder}-away`, folder);
    expect(await readFile(events.path)).toEqual(before);
    events.scalars(2, { loss: 2 });
    events.flush();
    expect(decodeEvents(await readFile(events.path)).map(({ step }) => step)).toEqual([0, 1, 2]);
  });

  it('that cannot be made is an error with its cause', async () => {
    const folder = await scratchFolder({ tensorboard: 'a file' });
    const opened = EventFile.open({ folder: join(folder, 'tensorboard'), step: 0, failed: fail });
    await expect(opened).rejects.toThrow(
      /cannot write TensorBoard events into .*: a part of the path is a file/,
    );
  });

  it('is removed with the run that it is of, and nothing else is', async () => {
    const folder = await scratchFolder({ 'notes.txt': 'mine', 'events.out.tfevents.backup': 'mine' });
    await mkdir(join(folder, 'other'));
    await EventFile.open({ folder, step: 0, failed: fail });
    await removeEventFiles(folder);
    expect((await readdir(folder)).sort()).toEqual(['events.out.tfevents.backup', 'notes.txt', 'other']);
    await removeEventFiles(join(folder, 'missing'));
  });
});

describe('checksums', () => {
  it('are those of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});

describe('what cannot be an event', () => {
  it('is refused: a step that is no count, a picture that is no PNG', () => {
    const what = { kind: 'version' } as const;
    expect(() => encodeEvent({ wallTime: 0, step: -1, what })).toThrow('-1 is no count');
    const values = [{ kind: 'image', tag: 'picture', png: Buffer.from('GIF89a'.repeat(9)) }] as const;
    expect(() => encodeEvent({ wallTime: 0, step: 0, what: { kind: 'summary', values } })).toThrow(
      'not a PNG',
    );
  });
});
