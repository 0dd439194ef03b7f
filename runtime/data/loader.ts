import { Random } from '../random.ts';
import { UserError } from '../user-error.ts';
import { fillOfMean } from './augment/operations/operation.ts';
import type { ErasingSettings, RandAugmentSettings } from './augment/settings.ts';
import { type Augment, randomResizedCrop, type Size } from './crop.ts';
import type { Pictures } from './pictures.ts';
import type { Augmentation } from './present.ts';

/** How the pictures of a training are varied: pretraining crops and mirrors them, and may jitter their colours. */
export interface TrainingAugment extends Augment {
  readonly colorJitter?: number;
  readonly randAugment?: RandAugmentSettings;
  readonly erasing?: ErasingSettings;
}

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

/**
 * Batches that are being read while one is trained on. A training step blocks this thread; pictures that were begun are decoded
 * by others meanwhile. Large pictures take two turns (the size, then the crop), hence two batches.
 */
const AHEAD = 2;

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
  const positions = batchPositions(options);
  const ahead: Promise<Omit<PictureBatch, 'waitMs'>>[] = [];
  for (;;) {
    const asked = performance.now();
    while (ahead.length <= AHEAD) {
      const position = positions.next();
      if (position.done) break;
      const reading = readBatch(options, position.value);
      // A failure is met when its turn comes, if it comes: until then it is not an unhandled one.
      reading.catch(() => undefined);
      ahead.push(reading);
    }
    const next = ahead.shift();
    if (next === undefined) return;
    const batch = await next;
    yield { ...batch, waitMs: performance.now() - asked };
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

async function readBatch(
  options: TrainingBatches,
  position: BatchPosition,
): Promise<Omit<PictureBatch, 'waitMs'>> {
  const { pictures, augment, seed } = options;
  const { epoch, index, chosen } = position;
  const { channels, height, width } = pictures.image;
  const pixels = channels * height * width;
  const images = new Float32Array(chosen.length * pixels);
  const augmentation = augmentationOf(augment, pictures.image.mean);
  const isPlain = Object.keys(augmentation).length === 0;
  const read = Array.from(chosen, (picture, i) => {
    // The rule may be asked again, for the picture that stands in for a broken one: the answer may not depend on that.
    const place = (size: Size) =>
      randomResizedCrop(Random.from('augmentation', seed, epoch, picture), size, pictures.image, augment);
    const streams = () => ({
      colorJitter: Random.from('colour jitter', seed, epoch, picture),
      randAugment: Random.from('RandAugment', seed, epoch, picture),
      erasing: Random.from('erasing', seed, epoch, picture),
    });
    const presentation = isPlain ? { place } : { place, augmentation, streams };
    return pictures.read(picture, presentation, images.subarray(i * pixels, (i + 1) * pixels));
  });
  return { epoch, index, images, indices: await Promise.all(read) };
}

/** What is done to a picture besides its placement; empty for nothing. */
function augmentationOf(
  { colorJitter = 0, randAugment, erasing }: TrainingAugment,
  mean: readonly number[],
): Augmentation {
  return {
    ...(colorJitter > 0 ? { colorJitter } : {}),
    ...(randAugment && randAugment.magnitude > 0
      ? { randAugment: { ...randAugment, fill: fillOfMean(mean) } }
      : {}),
    ...(erasing && erasing.probability > 0 ? { erasing } : {}),
  };
}
