import { batchesPerEpoch } from '../data/loader.ts';
import { Pictures, type SkippedPicture } from '../data/pictures.ts';
import { labelsOf } from '../data/source.ts';
import { openReadingThreads } from '../data/workers/reading-threads.ts';
import type { ClassificationBatch, ClassifierEngine } from '../engine/engine.ts';
import { balancedClassWeights } from '../evaluate/class-weights.ts';
import type { CompiledClassifierRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import {
  type ClassifierTraining,
  classifierOf,
  isClassifierRecipe,
  trainedClassifier,
} from '../model/trained-model.ts';
import { UserError } from '../user-error.ts';
import { specTables } from '../view/report/spec-tables.ts';
import { classificationMicroBatches } from './classification-batches.ts';
import { type ClassificationDataOptions, openClassificationData } from './classification-data.ts';
import { watchClassifier } from './classifier-watcher.ts';
import { compareData, dataIdentity } from './data-identity.ts';
import { rateScales } from './layer-decay.ts';
import { type RecipeOverrides, requireAugmentable, requireCompiled } from './recipe.ts';
import { runTraining } from './run.ts';
import { checkpointBytes, checkRunFolder, type ExistingRun, runFiles, spaceWarning } from './run-folder.ts';
import { runLength } from './run-length.ts';
import type { RunLimits, RunPlan, RunResult } from './run-plan.ts';
import { RunRecorder } from './run-recorder.ts';
import { quietView, type RunView } from './run-view.ts';
import { newRun, resumedRun, type StartingWeights } from './starting-point.ts';
import { describeRun, field } from './summary.ts';
import { memoryWarning } from './training-memory.ts';

export interface ClassifyOptions extends RunLimits, ClassificationDataOptions, StartingWeights {
  readonly spec: CompiledSpec;
  /** The whole encoder with a classifier on top, or a linear classifier on the encoder as it is. */
  readonly training: ClassifierTraining;
  /** Opens the engine, without parameters. Called when everything else has been checked; disposed of at the end. */
  readonly openEngine: () => Promise<ClassifierEngine>;
  /** Folder of the run's files; made if need be. */
  readonly out: string;
  /** In place of the recipe that was compiled. */
  readonly recipe?: CompiledClassifierRecipe;
  readonly overrides?: RecipeOverrides;
  /** What to do about a run that is already in `out`; refuses if left out. */
  readonly existing?: ExistingRun;
  /** Epochs between evaluations; 1 if left out. The last epoch is always evaluated. */
  readonly evaluateEvery?: number;
  /** Goes on with a run although its pictures are others than it began with. */
  readonly force?: boolean;
  /** Where it says what it does; only warnings, on stderr, if left out. */
  readonly view?: RunView;
}

/**
 * Fine-tunes a model, or probes it linearly. What comes out is a function of the spec, the recipe with its seed, the pictures, the
 * weights that it starts from, and the engine.
 *
 * @throws UserError before anything is trained or touched, for bad options, data, checkpoints and folders; and as `runTraining`.
 */
export async function classify(options: ClassifyOptions): Promise<RunResult> {
  return runTraining(await planClassification(options));
}

/** Checks all that can be checked before an engine is there. Makes the run's folder; touches nothing else. */
async function planClassification(
  options: ClassifyOptions,
): Promise<RunPlan<ClassificationBatch, ClassifierEngine>> {
  const { spec, training, out, existing = 'refuse', overrides = {}, force = false } = options;
  const { view = quietView(process.stderr) } = options;
  const found = classifierOf(spec, training);
  const files = runFiles(out);
  const { train, validation } = await openClassificationData(options, spec, training);
  await checkRunFolder(files, existing);
  const model = trainedClassifier(spec, training, found.classifier, train.classes);
  const begin = {
    model,
    recipe: options.recipe ?? found.recipe,
    overrides,
    accepts: isClassifierRecipe,
  };
  const start =
    existing === 'resume' ? await resumedRun(begin, files.checkpoint) : await newRun(begin, options);
  const { recipe, step, statistics } = start;
  checkRecipe(recipe, found.recipe, training, spec);
  const { image } = spec.model;
  const onSkipped = (skipped: SkippedPicture) => recorder.skipped(skipped);
  const threads = openReadingThreads(image, options.readingThreads);
  const pictures = new Pictures({ source: train, image, augment: recipe.augment, onSkipped, threads });
  const shown = validation && new Pictures({ source: validation, image, onSkipped, threads });
  const length = runLength(recipe.epochs, batchesPerEpoch(pictures, recipe.batch));
  const recorder = new RunRecorder({ log: files.log, view, length, step, statistics });
  const identity = dataIdentity(train, length);
  const { cost, parameters } = found.classifier;
  const warnings = [
    compareData(start.recorded, identity, options.data, force),
    memoryWarning(cost, recipe),
    await spaceWarning(files, checkpointBytes(parameters, recipe)),
  ].filter((warning) => warning !== undefined);
  return {
    model,
    recipe,
    length,
    files,
    existing,
    start,
    identity,
    limits: options,
    recorder,
    view,
    description: [
      ...describeRun({ model, cost, recipe, length, pictures, files }),
      field('classes', `${train.classes.length}; ${validationText(validation)}`),
    ],
    warnings,
    about: aboutData(options, train.location, pictures.count, validation),
    tables: specTables(spec, recipe, Object.keys(overrides)),
    microBatches: classificationMicroBatches({
      graph: found.classifier.graphs.gradients,
      recipe,
      length,
      pictures,
      ...weightsOfClasses(recipe, pictures, train.classes),
    }),
    readingThreads: threads,
    ...scalesOf(recipe, parameters, spec),
    openEngine: options.openEngine,
    watch: async (engine) =>
      watchClassifier(
        {
          spec,
          training,
          classifier: found.classifier,
          recipe,
          length,
          files,
          recorder,
          overrides,
          pictures,
          validation: shown,
          classNames: train.classes,
          evaluateEvery: options.evaluateEvery ?? 1,
          ...(options.signal ? { signal: options.signal } : {}),
        },
        engine,
      ),
  };
}

/** What of a recipe is built into the graphs. */
const COMPILED_KEYS = ['classes', 'pooling', 'dropPath', 'dropout', 'recompute', 'precision'] as const;

/** What a compiled recipe may ask for and these data or this training cannot give. */
function checkRecipe(
  recipe: CompiledClassifierRecipe,
  compiled: CompiledClassifierRecipe,
  training: ClassifierTraining,
  spec: CompiledSpec,
): void {
  requireAugmentable(recipe, spec.model.image.channels);
  requireCompiled(`the classifier of ${spec.model.name}`, recipe, compiled, COMPILED_KEYS);
  const micro = recipe.batch / recipe.accumulation;
  if (training !== 'linear-probe' || micro > 1) return;
  throw new UserError(
    `linear probing normalises each micro-batch by its own statistics, and ${recipe.name} has 1 picture in each`,
    'choose a larger --batch, or a smaller --accumulation',
  );
}

function weightsOfClasses(
  { classWeights }: CompiledClassifierRecipe,
  { source, count }: Pictures,
  classNames: readonly string[],
): { classWeights?: Float32Array } {
  if (classWeights === 'none') return {};
  const all = Array.from({ length: count }, (_, index) => index);
  return { classWeights: balancedClassWeights(labelsOf(source, all), classNames) };
}

function scalesOf(
  { layerDecay }: CompiledClassifierRecipe,
  parameters: readonly { readonly name: string }[],
  { model }: CompiledSpec,
): { rateScales?: ReadonlyMap<string, number> } {
  return layerDecay === 1 ? {} : { rateScales: rateScales(parameters, model.encoder.depth, layerDecay) };
}

function validationText(
  validation: { readonly count: number; readonly location: string } | undefined,
): string {
  if (validation === undefined) return 'no pictures for validation';
  return `${validation.count} pictures for validation, in ${validation.location}`;
}

function aboutData(
  { overrides = {}, from }: ClassifyOptions,
  location: string,
  pictures: number,
  validation: { readonly count: number; readonly location: string } | undefined,
): Record<string, unknown> {
  return {
    data: location,
    pictures,
    ...(validation ? { validation: validation.location, validation_pictures: validation.count } : {}),
    overrides,
    ...(from === undefined ? {} : { from }),
  };
}
