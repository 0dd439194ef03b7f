import { subscribe } from 'node:diagnostics_channel';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TrainingAugment } from '../../../runtime/data/loader.ts';
import type { SkippedPicture } from '../../../runtime/data/pictures.ts';
import { makeSource, type PictureContent, type PictureSource } from '../../../runtime/data/source.ts';
import type { ReadingThreads } from '../../../runtime/data/workers/reading-threads.ts';
import { Random } from '../../../runtime/random.ts';
import { buildCommands } from '../../cli/built-commands.ts';
import { scratchFolder, waves } from '../scratch-folder.ts';

// Threads load compiled modules only.
let built = '';
let loader: typeof import('../../../runtime/data/loader.ts');
let reading: typeof import('../../../runtime/data/pictures.ts');
let workers: typeof import('../../../runtime/data/workers/reading-threads.ts');

/** Every thread that was started. */
const started: Worker[] = [];

const hasWorker = (message: unknown): message is { worker: Worker } =>
  typeof message === 'object' && message !== null && 'worker' in message;

beforeAll(async () => {
  subscribe('worker_threads', (message) => {
    if (hasWorker(message)) started.push(message.worker);
  });
  built = await buildCommands();
  loader = await import(join(built, 'runtime/data/loader.js'));
  reading = await import(join(built, 'runtime/data/pictures.js'));
  workers = await import(join(built, 'runtime/data/workers/reading-threads.js'));
});
afterAll(() => rm(built, { recursive: true, force: true }));

const image = {
  height: 30,
  width: 20,
  channels: 3,
  mean: [0.5, 0.4, 0.3],
  deviation: [0.2, 0.3, 0.4],
};

const augment: TrainingAugment = {
  crop: [0.05, 1],
  aspect: [0.75, 4 / 3],
  flip: true,
  colorJitter: 0.4,
  randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
  erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 1 / 0.3] },
};

function threads(count: number): ReadingThreads {
  const opened = workers.openReadingThreads(image, count);
  if (opened === undefined) throw new Error('no threads where compiled modules ask for them');
  onTestFinished(() => opened.close());
  return opened;
}

/** Pictures of every kind of content: files, bytes within others, pixels; large and small, whole and broken. */
async function mixedSource(): Promise<PictureSource> {
  const photograph = await waves(1, 500, 600).jpeg().toBuffer();
  const folder = await scratchFolder({
    '0.jpg': photograph,
    '1.png': await waves(2, 40, 50).png().toBuffer(),
    '2.jpg': 'no picture',
    '3.jpg': photograph.subarray(0, photograph.length / 2),
    '4.webp': await waves(3, 400, 500).webp().toBuffer(),
  });
  const random = Random.from('pixels');
  const bytes = Uint8Array.from({ length: 3 * 24 * 24 + 100 }, () => random.integer(256));
  const within = Buffer.concat([Buffer.alloc(33), await waves(5, 64, 48).png().toBuffer(), Buffer.alloc(99)]);
  const contents: PictureContent[] = [
    ...['0.jpg', '1.png', '2.jpg', '3.jpg', '4.webp'].map((name) => join(folder, name)),
    within.subarray(33, -99),
    { height: 24, width: 24, channels: 3, data: bytes.subarray(50, -50) },
    { height: 24, width: 24, channels: 3, data: Float32Array.from(bytes.subarray(0, 1728), (b) => b / 255) },
    { height: 24, width: 24, channels: 1, data: bytes.subarray(0, 576) },
  ];
  return makeSource({
    kind: 'pictures of all kinds',
    location: folder,
    names: [...contents.map((_, i) => `${i}`), 'lost'],
    labels: { missing: 'has no labels' },
    content: 'encoded',
    locate: (index) => `picture ${index}`,
    read: async (index) => contents[index] ?? readFile(join(folder, 'lost')),
  });
}

/** Three epochs of training and a look at each picture as in an evaluation. */
async function readAll(source: PictureSource, some: ReadingThreads | undefined, cacheBytes: number) {
  const skipped: SkippedPicture[] = [];
  const onSkipped = (picture: SkippedPicture) => skipped.push(picture);
  const options = { source, image, augment, cacheBytes, onSkipped, threads: some };
  const pictures = new reading.Pictures(options);
  const batches: unknown[] = [];
  const run = { pictures, augment, batch: 3, seed: 5, epoch: 1, epochs: 3 };
  for await (const { waitMs: _, ...batch } of loader.trainingBatches(run)) batches.push(batch);
  const every = Array.from({ length: source.count }, (_, index) => index);
  batches.push(await reading.readForEvaluation(pictures, every, 0.875));
  // libvips loses its words for a damaged JPEG where several threads meet one.
  const words = (reason: string) => reason.replace(/^VipsJpeg: premature end of.*/, 'its content is damaged');
  const told = skipped.map(({ path, reason }) => `${path}: ${words(reason)}`).sort();
  return { batches, told };
}

describe('pictures that threads read', () => {
  it('are the same bits as without threads, for any number of them, and the same ones are skipped', async () => {
    const source = await mixedSource();
    const alone = await readAll(source, undefined, 1 << 28);
    expect(alone.batches).toHaveLength(3 * 3 + 1);
    expect(alone.told).toEqual([
      'picture 2: it is not a picture of a known format',
      'picture 3: its content is damaged',
      'picture 9: the file is missing',
    ]);
    expect(await readAll(source, undefined, 0)).toEqual(alone);
    for (const count of [1, 2, 3, 5]) {
      const before = started.length;
      expect(await readAll(source, threads(count), count % 2 === 0 ? 0 : 1 << 28)).toEqual(alone);
      expect(started.length - before).toBe(count);
    }
  });

  it('are an error that says so when none can be decoded', async () => {
    const folder = await scratchFolder({ 'a.jpg': 'x', 'b.jpg': '' });
    const { openSource } = await import('../../../runtime/data/open-source.ts');
    const source = await openSource(folder);
    const pictures = new reading.Pictures({ source, image, augment, threads: threads(2) });
    const error = await pictures
      .readBatch({ kind: 'evaluation', share: 1 }, [0, 1])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^none of the 2 pictures in .* can be decoded: it is /),
      help: expect.stringContaining('check that the files are whole pictures'),
    });
  });
});

describe('threads', () => {
  const wholePictures = async () => {
    const { openSource } = await import('../../../runtime/data/open-source.ts');
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 8; i++) files[`${i}.jpg`] = await waves(i, 400, 500).jpeg().toBuffer();
    return openSource(await scratchFolder(files));
  };

  it('have all ended when a run that was stopped in the middle closes them', async () => {
    const source = await wholePictures();
    const before = started.length;
    const some = threads(3);
    const pictures = new reading.Pictures({ source, image, augment, cacheBytes: 0, threads: some });
    const run = { pictures, augment, batch: 4, seed: 1, epoch: 0, epochs: 50 };
    for await (const { epoch } of loader.trainingBatches(run)) if (epoch === 1) break;
    const own = started.slice(before);
    expect(own).toHaveLength(3);
    expect(own.every(({ threadId }) => threadId > 0)).toBe(true);
    await some.close();
    expect(own.map(({ threadId }) => threadId)).toEqual([-1, -1, -1]);
    // Once more does no harm.
    await some.close();
  });

  it('that are closed reject what is still awaited of them', async () => {
    const source = await wholePictures();
    const some = threads(1);
    const pictures = new reading.Pictures({ source, image, augment, threads: some });
    await pictures.readBatch({ kind: 'evaluation', share: 1 }, [0]);
    const awaited = pictures.readBatch({ kind: 'training', augment, seed: 1, epoch: 0 }, [0, 1, 2, 3, 4]);
    const outcome = expect(awaited).rejects.toThrow('the threads that read pictures were closed');
    // Until the task has been sent.
    await new Promise((resolve) => setImmediate(resolve));
    await some.close();
    await outcome;
  });

  it('that fail are an error that says so, and what to do', async () => {
    const some = threads(1);
    const huge = { ...image, height: 2 ** 30, width: 2 ** 30 };
    const making = { image: huge, augment: undefined, channels: 3 as const };
    const picture = { example: 0, content: { height: 1, width: 1, channels: 3, data: new Uint8Array(3) } };
    const make = () =>
      some.make({
        making,
        plan: { kind: 'evaluation', share: 1 },
        pictures: [picture],
        returnsPixels: false,
      });
    const failure = {
      name: 'UserError',
      message: expect.stringMatching(/^a thread that reads pictures has failed: Invalid typed array length/),
      help: 'with --reading-threads 0 pictures are read without such threads',
    };
    await expect(make()).rejects.toMatchObject(failure);
    await expect(make()).rejects.toMatchObject(failure);
    await some.close();
  });

  it('are as many as there are processors that they can use, and none for small images', () => {
    const usual = process.env.UV_THREADPOOL_SIZE;
    onTestFinished(() => {
      if (usual === undefined) delete process.env.UV_THREADPOOL_SIZE;
      else process.env.UV_THREADPOOL_SIZE = usual;
    });
    process.env.UV_THREADPOOL_SIZE = '1';
    expect(workers.defaultReadingThreads({ height: 63, width: 64 })).toBe(0);
    expect(workers.defaultReadingThreads({ height: 64, width: 64 })).toBeLessThanOrEqual(2);
    expect(workers.defaultReadingThreads({ height: 64, width: 64 })).toBeGreaterThan(0);
    expect(workers.openReadingThreads({ height: 63, width: 64 })).toBeUndefined();
    expect(workers.openReadingThreads(image, 0)).toBeUndefined();
  });
});
