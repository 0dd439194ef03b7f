import type { CompiledModel } from '../model/compiled-spec.ts';
import { Random } from '../random.ts';
import { evaluationCrop } from './augment/evaluation-crop.ts';
import { fillOfMean } from './augment/operations/operation.ts';
import type { ErasingSettings, RandAugmentSettings } from './augment/settings.ts';
import { type Augment, type Placement, randomResizedCrop, type Size } from './crop.ts';
import type { Augmentation, AugmentationStreams } from './present.ts';

/** How the pictures of a training are varied: pretraining crops and mirrors them, and may jitter their colours. */
export interface TrainingAugment extends Augment {
  readonly colorJitter?: number;
  readonly randAugment?: RandAugmentSettings;
  readonly erasing?: ErasingSettings;
}

/** What examples are made of pictures, as plain data that another thread can be told. */
export type ExamplePlan =
  | {
      readonly kind: 'training';
      readonly augment: TrainingAugment;
      readonly seed: number;
      readonly epoch: number;
    }
  | {
      /** The centre of a picture. */
      readonly kind: 'evaluation';
      /** The share of the shorter side that the image shows, 1 for as much as fits. */
      readonly share: number;
    };

/** How a picture's crop follows from its size alone: asked twice, it answers the same. */
export type PlacementRule = (picture: Size) => Placement;

/** How a picture becomes an example. */
export interface Presentation {
  readonly place: PlacementRule;
  /** What is done to it besides; nothing if left out. */
  readonly augmentation?: Augmentation;
  /** The random numbers of the augmentation, from their beginning each time they are asked for. */
  readonly streams?: () => AugmentationStreams;
}

/**
 * How a picture becomes an example of a plan: a function of the arguments alone. The rules may be asked again, for the picture that stands
 * in for a broken one: the answer does not depend on that.
 */
export function presentationOf(
  plan: ExamplePlan,
  picture: number,
  image: CompiledModel['image'],
): Presentation {
  if (plan.kind === 'evaluation') return { place: (size) => evaluationCrop(size, image, plan.share) };
  const { augment, seed, epoch } = plan;
  const place = (size: Size) =>
    randomResizedCrop(Random.from('augmentation', seed, epoch, picture), size, image, augment);
  const augmentation = augmentationOf(augment, image.mean);
  if (Object.keys(augmentation).length === 0) return { place };
  const streams = () => ({
    colorJitter: Random.from('colour jitter', seed, epoch, picture),
    randAugment: Random.from('RandAugment', seed, epoch, picture),
    erasing: Random.from('erasing', seed, epoch, picture),
  });
  return { place, augmentation, streams };
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
