import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { batchesPerEpoch, type PictureBatch, trainingBatches } from '../../runtime/data/loader.ts';
import { openSource } from '../../runtime/data/open-source.ts';
import { Pictures } from '../../runtime/data/pictures.ts';
import { UserError } from '../../runtime/user-error.ts';
import { scratchFolder, waveFiles } from './scratch-folder.ts';

const image = { height: 8, width: 10, channels: 3, mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.4] };
const augment: { crop: [number, number]; aspect: [number, number]; flip: boolean } = {
  crop: [0.2, 1],
  aspect: [0.75, 4 / 3],
  flip: true,
};

interface Run {
  readonly batch?: number;
  readonly seed?: number;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly startBatch?: number;
  readonly cacheBytes?: number;
  /** Waits between two batches, so that decoding ends in another order. */
  readonly pause?: (batch: number) => Promise<void>;
}

async function batchesOf(directory: string, run: Run): Promise<Omit<PictureBatch, 'waitMs'>[]> {
  const { batch = 4, seed = 1, epoch = 0, epochs = 1, startBatch = 0, pause, cacheBytes = 1 << 28 } = run;
  const pictures = new Pictures({ source: await openSource(directory), image, augment, cacheBytes });
  const all: Omit<PictureBatch, 'waitMs'>[] = [];
  for await (const { waitMs, ...rest } of trainingBatches({
    pictures,
    augment,
    batch,
    seed,
    epoch,
    epochs,
    startBatch,
  })) {
    expect(waitMs).toBeGreaterThanOrEqual(0);
    all.push(rest);
    await pause?.(all.length);
  }
  return all;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the batches of an epoch', () => {
  it('hold every picture once but those that are left over, in an order of their own each epoch', async () => {
    const directory = await scratchFolder(await waveFiles(11));
    const epochs = await batchesOf(directory, { epochs: 3 });
    expect(epochs.map(({ epoch, index }) => [epoch, index])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    const orders = [0, 1, 2].map((epoch) =>
      epochs.filter((batch) => batch.epoch === epoch).flatMap((batch) => batch.indices),
    );
    for (const order of orders) {
      expect(order).toHaveLength(8);
      expect(new Set(order).size).toBe(8);
    }
    expect(new Set(orders.map((order) => order.join())).size).toBe(3);
    expect(epochs[0]?.images).toHaveLength(4 * 3 * 8 * 10);
  });

  it('show a picture otherwise in each epoch, and otherwise for another seed', async () => {
    const directory = await scratchFolder(await waveFiles(1));
    const [first, second] = await batchesOf(directory, { batch: 1, epochs: 2 });
    const [other] = await batchesOf(directory, { batch: 1, seed: 2 });
    expect(second?.images).not.toEqual(first?.images);
    expect(other?.images).not.toEqual(first?.images);
  });

  it('do not depend on time, on what is kept in memory, or on where the run began', async () => {
    const directory = await scratchFolder(await waveFiles(13));
    const whole = await batchesOf(directory, { epoch: 2, epochs: 2 });
    expect(whole).toHaveLength(6);
    const slow = await batchesOf(directory, {
      epoch: 2,
      epochs: 2,
      pause: (n) => sleep((n % 3) * 15),
      cacheBytes: 0,
    });
    expect(slow).toEqual(whole);
    expect(await batchesOf(directory, { epoch: 2, epochs: 2, startBatch: 1 })).toEqual(whole.slice(1));
    expect(await batchesOf(directory, { epoch: 3, startBatch: 2 })).toEqual(whole.slice(5));
    expect(await batchesOf(directory, { epoch: 2, startBatch: 3 })).toEqual([]);
  });

  it('stay full and the same when files are broken, known to be so or not', async () => {
    const directory = await scratchFolder(await waveFiles(10));
    for (const name of ['03.png', '04.png', '09.png']) await writeFile(join(directory, name), 'broken');
    const whole = await batchesOf(directory, { epochs: 2 });
    expect(whole.every((batch) => batch.indices.length === 4)).toBe(true);
    expect(whole.flatMap((batch) => batch.indices)).not.toContain(3);
    // Run whole, the second epoch knows which files are broken; begun there, it has to find out.
    expect(await batchesOf(directory, { epoch: 1 })).toEqual(whole.slice(2));
  });

  it('are being read while the training step blocks this thread', async () => {
    const directory = await scratchFolder(await waveFiles(12, 200, 200));
    const pictures = new Pictures({ source: await openSource(directory), image, augment });
    const waits: number[] = [];
    for await (const { waitMs } of trainingBatches({ pictures, augment, batch: 4, seed: 1, epoch: 0 })) {
      waits.push(waitMs);
      const end = performance.now() + 150;
      while (performance.now() < end);
    }
    expect(waits).toHaveLength(3);
    // Nothing but the resizing of what was decoded meanwhile is left to be waited for.
    expect(Math.max(...waits.slice(1))).toBeLessThan(100);
  });
});

describe('a folder with too little', () => {
  it('says both counts and what to do', async () => {
    const directory = await scratchFolder(await waveFiles(3));
    const pictures = new Pictures({ source: await openSource(directory), image, augment });
    expect(batchesPerEpoch(pictures, 3)).toBe(1);
    const error = await trainingBatches({ pictures, augment, batch: 64, seed: 1, epoch: 0 })
      .next()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({
      message: `${directory} has 3 pictures, but one batch takes 64`,
      help: 'add pictures, or choose a batch of at most 3',
    });
  });

  it('rejects when no picture can be decoded, without an unhandled rejection from what was read ahead', async () => {
    const directory = await scratchFolder({ 'a.jpg': 'x', 'b.jpg': 'y', 'c.jpg': 'z' });
    await expect(batchesOf(directory, { batch: 1 })).rejects.toThrow(
      /^none of the 3 pictures in .* can be decoded/,
    );
  });
});
