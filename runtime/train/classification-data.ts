import { classDifference, type LabelledSource, labelled, labelledForTraining } from '../data/labels.ts';
import { openSource } from '../data/open-source.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import type { ClassifierTraining } from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';

export interface ClassificationDataOptions {
  /** Labelled pictures: whatever `openSource` recognises. */
  readonly data: string;
  /** Other pictures for validation; those that the data has or that are set aside if left out. */
  readonly validationData?: string;
  /** The share that is set aside where there are no other pictures for validation; 0 for none. 0.1 if left out. */
  readonly validation?: number;
}

export interface ClassificationData {
  readonly train: LabelledSource;
  /** Undefined where nothing is to be evaluated. */
  readonly validation: LabelledSource | undefined;
}

/** Which pictures are set aside does not depend on the recipe's seed: other seeds are compared on the same pictures. */
const SPLIT_SEED = 0;

/**
 * Opens the pictures of a run that trains a classifier.
 *
 * @throws UserError as `openSource`; and for pictures without labels, with one class only, with classes that have no pictures, with
 *   other classes for validation, and with more or fewer classes than the classifier was compiled for.
 */
export async function openClassificationData(
  { data, validationData, validation = 0.1 }: ClassificationDataOptions,
  spec: CompiledSpec,
  training: ClassifierTraining,
): Promise<ClassificationData> {
  const { channels } = spec.model.image;
  const open = (path: string, split: 'train' | 'validation' | 'all', share = validation) =>
    openSource(path, { split, validation: share, seed: SPLIT_SEED, channels });
  const train = labelledForTraining(
    validationData === undefined ? await open(data, 'train') : await open(data, 'train', 0),
  );
  requireClasses(train, spec, training);
  if (validationData === undefined && validation === 0) return { train, validation: undefined };
  const other =
    validationData === undefined ? await open(data, 'validation') : await open(validationData, 'all');
  const difference = classDifference(train, other);
  if (difference !== undefined) {
    throw new UserError(
      `${train.location} ${difference}`,
      'pictures for training and for validation need the same classes',
    );
  }
  return { train, validation: labelled(other) };
}

/** The size of a classifier's head is compiled into it. */
export function requireClasses(
  { classes, location }: LabelledSource,
  { model, recipes }: CompiledSpec,
  training: ClassifierTraining,
): void {
  const wanted = recipes[training]?.classes;
  if (wanted === classes.length) return;
  const listed = classes.slice(0, 5).join(', ') + (classes.length > 5 ? ', …' : '');
  throw new UserError(
    `${location} has ${classes.length} classes (${listed}), but the classifier of ${model.name} was compiled for ${wanted}`,
    `compile it for these: mae-compile spec/ --out generated --set ${model.name}.${training}.classes=${classes.length}`,
  );
}
