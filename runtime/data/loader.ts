import { UserError } from '../user-error.ts';
import type { TrainingAugment } from './examples.ts';
import type { Pictures } from './pictures.ts';

export type { TrainingAugment } from './examples.ts';

export interface TrainingBatches {
  readonly pictures: Pictures;
  readonly augment: TrainingAugment;
  /** Pictures per batch. */
  readonly batch: number;
  readonly seed: number;
  /** The first epoch, from 0. */
  readonly epoch: number;
  /** The first batch of the first epoch, from 0: a resumed run goes on where it was. */
  readonly startBatch?: number;
  /** How many epochs follow each other, 1 if left out; the next epoch's first batches are read before this one ends. */
  readonly epochs?: number;
}

export interface PictureBatch {
  readonly epoch: number;
  /** Number of the batch in its epoch, from 0. */
  readonly index: number;
  /** [batch, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** Which pictures of the source they are. */
  readonly indices: readonly number[];
  /** Milliseconds between asking for the batch and having it. */
  readonly waitMs: number;
}

/** How many batches an epoch has; the pictures left over are not used, as in the official code. @throws UserError for none. */
export function batchesPerEpoch(pictures: Pictures, batch: number): number {
  const batches = Math.floor(pictures.count / batch);
  if (batches > 0) return batches;
  const held = pictures.count === 1 ? '1 picture' : `${pictures.count} pictures`;
  throw new UserError(
    `${pictures.source.location} has ${held}, but one batch takes ${batch}`,
    `add pictures, or choose a batch of at most ${pictures.count}`,
  );
}

/**
 * The batches of one or more epochs of training. Each epoch goes through the pictures in a new random order and varies each anew; both are functions of the seed, the epoch and the picture, so they do not depend on where the run was
 * begun, on threads or on time.
 *
 * @throws UserError when there are fewer pictures than a batch takes, or when none can be decoded.
 */
export async function* trainingBatches(
  options: TrainingBatches,
): AsyncGenerator<PictureBatch, void, undefined> {
  const { pictures, augment, batch, seed } = options;
  const positions = batchPositions(options);
  const most = pictures.batchesAhead(batch);
  const ahead: Promise<Omit<PictureBatch, 'waitMs'>>[] = [];
  for (;;) {
    const asked = performance.now();
    while (ahead.length <= most) {
      const position = positions.next();
      if (position.done) break;
      const { epoch, index, chosen } = position.value;
      const reading = pictures
        .readBatch({ kind: 'training', augment, seed, epoch }, chosen)
        .then((read) => ({ epoch, index, ...read }));
      // A failure is met when its turn comes, if it comes: until then it is not an unhandled one.
      reading.catch(() => undefined);
      ahead.push(reading);
    }
    const next = ahead.shift();
    if (next === undefined) return;
    const read = await next;
    yield { ...read, waitMs: performance.now() - asked };
  }
}

interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
  readonly chosen: Int32Array;
}

function* batchPositions(options: TrainingBatches): Generator<BatchPosition, void, undefined> {
  const { pictures, batch, seed, startBatch = 0, epochs = 1 } = options;
  const batches = batchesPerEpoch(pictures, batch);
  for (let epoch = options.epoch; epoch < options.epoch + epochs; epoch++) {
    const order = pictures.source.order(seed, epoch);
    for (let index = epoch === options.epoch ? startBatch : 0; index < batches; index++) {
      yield { epoch, index, chosen: order.subarray(index * batch, (index + 1) * batch) };
    }
  }
}
