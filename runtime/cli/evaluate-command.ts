import { labelled } from '../data/labels.ts';
import { openSource } from '../data/open-source.ts';
import { Pictures } from '../data/pictures.ts';
import { openReadingThreads, type ReadingThreads } from '../data/workers/reading-threads.ts';
import { openClassifierEngine } from '../engine/open-engine.ts';
import { drawConfusion } from '../evaluate/confusion-picture.ts';
import { evaluateClassifier } from '../evaluate/evaluate-classifier.ts';
import { evaluateNeighbours } from '../evaluate/evaluate-neighbours.ts';
import type { ClassificationSummary } from '../evaluate/metrics.ts';
import { classTable, confusionMatrixTable, confusionsTable, summaryLines } from '../evaluate/tables.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { loadSpec } from '../model/load-spec.ts';
import { type ClassifierTraining, classifierOf, TRAINING_NAMES } from '../model/trained-model.ts';
import { requireClasses } from '../train/classification-data.ts';
import { type RunView, runView } from '../train/run-view.ts';
import { describeEngine, field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import type { CheckpointValues } from '../weights/checkpoint-values.ts';
import { loadClassifier, trainingOf } from '../weights/classifier-weights.ts';
import type { CommandIo } from './command-io.ts';
import { defined } from './defined.ts';
import { openEncoder } from './encoder-engine.ts';
import { type EvaluateValues, evaluateOptions } from './evaluate-options.ts';
import { describeImage, specForImage } from './image-option.ts';
import { valuesLine } from './values-option.ts';

/** `mae evaluate`: how well a trained classifier does, or the features of an encoder by their nearest neighbours. */
export function evaluateCommand(io: CommandIo) {
  return evaluateOptions(io).action(async (directory, values, command) => {
    if (values.knn && values.split !== 'validation') {
      command.error(
        'error: --knn compares the pictures for validation with those for training: leave out --split',
        {
          exitCode: 2,
        },
      );
    }
    const spec = await loadSpec(directory);
    const view = runView(values.json ? io.stderr : io.stdout);
    const sized = specForImage(spec, values);
    const readingThreads = openReadingThreads(sized.model.image);
    try {
      const evaluation = { spec, sized, directory, values, view, readingThreads };
      const evaluated = await (values.knn ? byNeighbours : byClassifier)(evaluation);
      view.close();
      await show(io, values, spec, evaluated);
    } finally {
      view.close();
      await readingThreads?.close();
    }
  });
}

interface Evaluation {
  /** As it was compiled. */
  readonly spec: CompiledSpec;
  /** The same for the size of the pictures. */
  readonly sized: CompiledSpec;
  readonly directory: string;
  readonly values: EvaluateValues;
  readonly view: RunView;
  readonly readingThreads: ReadingThreads | undefined;
}

interface Evaluated {
  readonly summary: ClassificationSummary;
  readonly classNames: readonly string[];
  /** Which of the file's weights were evaluated. */
  readonly weights: CheckpointValues;
}

async function byClassifier(evaluation: Evaluation): Promise<Evaluated> {
  const { spec, sized, directory, values, view } = evaluation;
  const { checkpoint, engine: kind, device, threads, batch, testCrop } = values;
  const training = await trainingToEvaluate(values);
  const { classifier, recipe } = classifierOf(spec, training);
  const weights = await loadClassifier(checkpoint, spec, classifier, values.values);
  const pictures = await openPictures(evaluation, values.split);
  requireClasses(labelled(pictures.source), spec, training);
  const { classes: classNames = [] } = pictures.source;
  requireSameClasses(checkpoint, weights.classNames, classNames);
  const opening = { spec: sized, directory, training, device, ...defined({ threads }) };
  const engine = await openClassifierEngine(kind, opening);
  try {
    await engine.loadParameters(weights.parameters);
    for (const line of [...describeEngine(engine), ...describeImage(spec, sized)]) view.line(line);
    view.line(valuesLine(checkpoint, weights.values));
    const onBatch = (done: number, count: number) => view.progress(`evaluating  ${done}/${count} pictures`);
    const { classes } = recipe;
    const options = { engine, pictures, classes, testCrop: testCrop ?? recipe.testCrop, batch, onBatch };
    return { summary: await evaluateClassifier(options), classNames, weights: weights.values };
  } finally {
    await engine.dispose();
  }
}

/** What the classifier was trained as: what the file says, and for files that do not say it the option. */
async function trainingToEvaluate({ checkpoint, training }: EvaluateValues): Promise<ClassifierTraining> {
  const found = await trainingOf(checkpoint);
  if (found === undefined || training === undefined || found === training) {
    return found ?? training ?? 'finetune';
  }
  throw new UserError(
    `${checkpoint} is a checkpoint of ${TRAINING_NAMES[found]}, not of ${TRAINING_NAMES[training]}`,
    'leave out --training: the file says it',
  );
}

async function byNeighbours(evaluation: Evaluation): Promise<Evaluated> {
  const { spec, sized, directory, values, view } = evaluation;
  const { checkpoint, batch, neighbours, pooling, testCrop = 0.875 } = values;
  const known = await openPictures(evaluation, 'train');
  const asked = await openPictures(evaluation, 'validation');
  const { classes: classNames = [] } = labelled(known.source);
  const { engine, values: weights } = await openEncoder({ ...values, spec, sized, directory });
  try {
    for (const line of [...describeEngine(engine), ...describeImage(spec, sized)]) view.line(line);
    view.line(valuesLine(checkpoint, weights));
    const summary = await evaluateNeighbours({
      engine,
      spec: sized,
      known,
      asked,
      pooling,
      testCrop,
      batch,
      neighbours,
      classes: classNames.length,
      onBatch: (what, done, count) =>
        view.progress(`encoding  ${done}/${count} ${what === 'known' ? 'training' : 'validation'} pictures`),
    });
    return { summary: { ...summary, loss: Number.NaN }, classNames, weights };
  } finally {
    await engine.dispose();
  }
}

async function openPictures(
  { sized, values, view, readingThreads }: Evaluation,
  split: 'train' | 'validation' | 'all',
): Promise<Pictures> {
  const { image } = sized.model;
  const { data, validation } = values;
  const source = labelled(await openSource(data, { split, validation, channels: image.channels }));
  view.line(field('pictures', `${source.count} in ${source.location}, ${source.classes.length} classes`));
  return new Pictures({
    source,
    image,
    onSkipped: ({ path, reason }) => view.warn(`skipped ${path}: ${reason}`),
    threads: readingThreads,
  });
}

/** A classifier whose classes are numbered otherwise would be measured wrongly. */
function requireSameClasses(
  checkpoint: string,
  trained: readonly string[] | undefined,
  given: readonly string[],
): void {
  const differs = trained?.findIndex((name, label) => name !== given[label]) ?? -1;
  if (trained === undefined || differs < 0) return;
  throw new UserError(
    `${checkpoint} was trained on other classes: its class ${differs} is ${trained[differs]}, that of the pictures is ${given[differs]}`,
    'give it pictures of the classes that it was trained on',
  );
}

async function show(
  io: CommandIo,
  { json, confusion, knn, neighbours, checkpoint }: EvaluateValues,
  spec: CompiledSpec,
  evaluated: Evaluated,
): Promise<void> {
  const { summary, classNames } = evaluated;
  const how = knn ? `${neighbours} nearest neighbours` : 'classifier';
  if (confusion !== undefined) {
    const caption = `${how} · ${checkpoint}`;
    await drawConfusion({ summary, classNames, title: spec.model.name, caption, path: confusion });
  }
  if (json) {
    io.stdout.write(`${JSON.stringify(plain(evaluated), null, 2)}\n`);
    return;
  }
  const matrix = confusionMatrixTable(summary, classNames);
  const lines = [
    '',
    ...summaryLines(summary).filter((line) => !knn || !line.startsWith('loss')),
    '',
    classTable(summary, classNames),
    '',
    matrix ?? confusionsTable(summary, classNames) ?? '',
    ...(confusion === undefined ? [] : ['', field('look at', confusion)]),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** The result as JSON holds it; shares are 0..1. */
function plain({ summary, classNames, weights }: Evaluated): Record<string, unknown> {
  const { classes, confusion, support, predicted, precision, recall, f1, ...numbers } = summary;
  return {
    weights,
    ...numbers,
    loss: Number.isFinite(summary.loss) ? summary.loss : null,
    classes: classNames.map((name, label) => ({
      name,
      pictures: support[label],
      predicted: predicted[label],
      precision: precision[label],
      recall: recall[label],
      f1: f1[label],
    })),
    confusion: classNames.map((_, label) => [...confusion.subarray(label * classes, (label + 1) * classes)]),
  };
}
