import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ClassifierRecipe, ModelSpec } from '../../compiler/language/model-spec.ts';
import { Random } from '../../runtime/random.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { modelSpec, type SpecOptions } from '../support/specs.ts';

/** Classes that a glance tells apart, in the order of their names. */
const COLOURS = { blue: [40, 60, 220], green: [40, 200, 60], red: [220, 40, 40] } as const;
export type Colour = keyof typeof COLOURS;

/** Draws pictures of noise around a colour, 10x10, into class folders; more may be added by a later `first`. */
export async function drawColours(
  folder: string,
  counts: Partial<Record<Colour, number>>,
  first = 0,
): Promise<string> {
  const side = 10;
  for (const [name, colour] of Object.entries(COLOURS)) {
    const count = Object.entries(counts).find(([key]) => key === name)?.[1];
    if (count === undefined) continue;
    await mkdir(join(folder, name), { recursive: true });
    for (let picture = first; picture < first + count; picture++) {
      const random = Random.from('colour picture', name, picture);
      const pixels = Buffer.from(
        Array.from({ length: side * side * 3 }, (_, i) => (colour[i % 3] ?? 0) + random.integer(31) - 15),
      );
      await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
        .png({ compressionLevel: 1 })
        .toFile(join(folder, name, `${String(picture).padStart(3, '0')}.png`));
    }
  }
  return folder;
}

/** Three classes, batches of 6, a rate that learns the colours within a few epochs. */
const FINETUNE: Partial<ClassifierRecipe> = {
  name: 'toy-finetune',
  classes: 3,
  epochs: 5,
  warmup: 0,
  batch: 6,
  optimizer: {
    kind: 'adamw',
    baseLearningRate: 1e-2,
    learningRatePer: 6,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
};

const PROBE: Partial<ClassifierRecipe> = {
  ...FINETUNE,
  name: 'toy-probe',
  epochs: 8,
  pooling: 'class-token',
  optimizer: {
    kind: 'lars',
    baseLearningRate: 1,
    learningRatePer: 6,
    momentum: 0.9,
    trust: 0.1,
    weightDecay: 0,
  },
};

/** All that is random in fine-tuning, and all that is kept between steps. */
export const EVERYTHING: Partial<ClassifierRecipe> = {
  accumulation: 2,
  epochs: 3,
  warmup: 1,
  clip: 0.5,
  ema: 0.9,
  layerDecay: 0.7,
  dropPath: 0.3,
  dropout: 0.1,
  labelSmoothing: 0.1,
  augment: {
    crop: [0.2, 1],
    aspect: [3 / 4, 4 / 3],
    flip: true,
    colorJitter: 0.2,
    randAugment: { magnitude: 9, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
    erasing: { probability: 0.25, area: [0.02, 1 / 3], aspect: [0.3, 10 / 3] },
    mixing: { mixup: 0.8, cutmix: 1, probability: 1, switching: 0.5 },
  },
};

export interface ToyOptions extends Omit<SpecOptions, 'finetune' | 'linearProbe'> {
  readonly finetune?: Partial<ClassifierRecipe>;
  readonly linearProbe?: Partial<ClassifierRecipe>;
}

/** A model of 8x8 pictures in four patches, with both classifiers of the three colours. */
export function toySpec({ finetune, linearProbe, ...more }: ToyOptions = {}): ModelSpec {
  return modelSpec({
    name: 'toy',
    image: [8, 8, 3],
    encoder: [16, 1, 2],
    maskRatio: 0.5,
    finetune: { ...FINETUNE, ...finetune },
    linearProbe: { ...PROBE, ...linearProbe },
    ...more,
  });
}

/** What of a log does not depend on time. */
export async function timelessLog(out: string): Promise<Record<string, unknown>[]> {
  return (await readLog(join(out, 'log.jsonl'))).flatMap((line): Record<string, unknown>[] => {
    if (line.event === 'step') {
      const { images_per_second: _, data_wait: __, ...others } = line;
      return [others];
    }
    if (line.event !== 'epoch') return [];
    const { seconds: _, ...others } = line;
    return [others];
  });
}
