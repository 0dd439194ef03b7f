import { Option } from '@commander-js/extra-typings';
import { labelled } from '../data/labels.ts';
import { openSource } from '../data/open-source.ts';
import { Pictures } from '../data/pictures.ts';
import { openReadingThreads, type ReadingThreads } from '../data/workers/reading-threads.ts';
import { ENGINE_KINDS, openClassifierEngine } from '../engine/open-engine.ts';
import { drawConfusion } from '../evaluate/confusion-picture.ts';
import { evaluateClassifier } from '../evaluate/evaluate-classifier.ts';
import { evaluateNeighbours } from '../evaluate/evaluate-neighbours.ts';
import type { ClassificationSummary } from '../evaluate/metrics.ts';
import { NEIGHBOURS } from '../evaluate/nearest-neighbours.ts';
import { classTable, confusionMatrixTable, confusionsTable, summaryLines } from '../evaluate/tables.ts';
import type { CompiledSpec } from '../model/compiled-spec.ts';
import { loadSpec } from '../model/load-spec.ts';
import { type ClassifierTraining, classifierOf, TRAINING_NAMES } from '../model/trained-model.ts';
import { requireClasses } from '../train/classification-data.ts';
import { type RunView, runView } from '../train/run-view.ts';
import { field } from '../train/summary.ts';
import { UserError } from '../user-error.ts';
import { loadClassifier, trainingOf } from '../weights/classifier-weights.ts';
import type { CommandIo } from './command-io.ts';
import { defined } from './defined.ts';
import { openEncoder } from './encoder-engine.ts';
import { parseCount, parsePositiveShare, parseShare, parseThreads } from './parse-values.ts';
import { newCommand } from './run-command-line.ts';

const HELP = `
Examples:
  mae evaluate generated/vit-pico --checkpoint runs/vit-pico-finetune/best.safetensors --data pictures
  mae evaluate generated/vit-base --checkpoint mae_finetuned_vit_base.pth --data imagenet/val --split all
  mae evaluate generated/vit-pico --checkpoint runs/vit-pico/checkpoint.safetensors --data pictures --knn

The pictures are those for validation: the data's own, or the share that training sets aside. With
--knn nothing is trained: each picture gets the class of those training pictures whose features are
nearest, which tells in a minute what a pretrained encoder is worth.`;

const SPLITS = ['validation', 'train', 'all'] as const;

function evaluateOptions(io: CommandIo) {
  return newCommand('evaluate', io)
    .summary('measure how well a model classifies pictures')
    .description('Classifies labelled pictures and says how many are right.')
    .usage('<model> --checkpoint <file> --data <path> [options]')
    .argument('<model>', 'folder of the compiled model, such as generated/vit-pico')
    .requiredOption(
      '--checkpoint <file>',
      "a checkpoint, safetensors or .pth, with official, timm's or Hugging Face's names (required)",
    )
    .requiredOption('--data <path>', 'labelled pictures; see docs/data.md (required)')
    .addOption(new Option('--split <name>', 'which pictures').choices(SPLITS).default('validation' as const))
    .option(
      '--validation <share>',
      'the share that was set aside for validation, where the data has no pictures for it',
      parseShare,
      0.1,
    )
    .addOption(
      new Option(
        '--training <kind>',
        'what the classifier was trained as (default: what the file says)',
      ).choices(['finetune', 'linear-probe'] as const),
    )
    .option('--knn', 'by the nearest training pictures instead of a classifier')
    .option('--neighbours <number>', 'with --knn: how many vote', parseCount, NEIGHBOURS)
    .addOption(
      new Option('--pooling <kind>', 'with --knn: what of the tokens is compared')
        .choices(['mean', 'class-token'] as const)
        .default('mean' as const),
    )
    .option('--test-crop <share>', "of a picture's shorter side that the model sees", parsePositiveShare)
    .option('--confusion <file>', 'draw which classes are taken for which, as a PNG')
    .option('--json', 'print the result as JSON')
    .option('--batch <number>', 'pictures at once', parseCount, 32)
    .addOption(
      new Option('--engine <name>', 'what computes it').choices(ENGINE_KINDS).default('onnx' as const),
    )
    .option('--threads <number>', 'threads of the onnx engine (default: one per core)', parseThreads)
    .addHelpText('after', HELP);
}

type EvaluateValues = ReturnType<ReturnType<typeof evaluateOptions>['opts']>;

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
    const readingThreads = openReadingThreads(spec.model.image);
    try {
      const { summary, classNames } = await (values.knn ? byNeighbours : byClassifier)({
        spec,
        directory,
        values,
        view,
        readingThreads,
      });
      view.close();
      await show(io, values, spec, { summary, classNames });
    } finally {
      view.close();
      await readingThreads?.close();
    }
  });
}

interface Evaluation {
  readonly spec: CompiledSpec;
  readonly directory: string;
  readonly values: EvaluateValues;
  readonly view: RunView;
  readonly readingThreads: ReadingThreads | undefined;
}

interface Evaluated {
  readonly summary: ClassificationSummary;
  readonly classNames: readonly string[];
}

async function byClassifier(evaluation: Evaluation): Promise<Evaluated> {
  const { spec, directory, values, view } = evaluation;
  const { checkpoint, engine: kind, threads, batch, testCrop } = values;
  const training = await trainingToEvaluate(values);
  const { classifier, recipe } = classifierOf(spec, training);
  const weights = await loadClassifier(checkpoint, spec, classifier);
  const pictures = await openPictures(evaluation, values.split);
  requireClasses(labelled(pictures.source), spec, training);
  const { classes: classNames = [] } = pictures.source;
  requireSameClasses(checkpoint, weights.classNames, classNames);
  const engine = await openClassifierEngine(kind, { spec, directory, training, ...defined({ threads }) });
  try {
    await engine.loadParameters(weights.parameters);
    view.line(field('engine', engine.description));
    if (weights.averaged) view.line(field('note', 'evaluates the running means of the parameters'));
    const onBatch = (done: number, count: number) => view.progress(`evaluating  ${done}/${count} pictures`);
    const { classes } = recipe;
    const options = { engine, pictures, classes, testCrop: testCrop ?? recipe.testCrop, batch, onBatch };
    return { summary: await evaluateClassifier(options), classNames };
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
  const { spec, directory, values, view } = evaluation;
  const { checkpoint, engine: kind, threads, batch, neighbours, pooling, testCrop = 0.875 } = values;
  const known = await openPictures(evaluation, 'train');
  const asked = await openPictures(evaluation, 'validation');
  const { classes: classNames = [] } = labelled(known.source);
  const engine = await openEncoder({ spec, directory, checkpoint, engine: kind, threads });
  try {
    view.line(field('engine', engine.description));
    const summary = await evaluateNeighbours({
      engine,
      spec,
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
    return { summary: { ...summary, loss: Number.NaN }, classNames };
  } finally {
    await engine.dispose();
  }
}

async function openPictures(
  { spec, values, view, readingThreads }: Evaluation,
  split: 'train' | 'validation' | 'all',
): Promise<Pictures> {
  const { image } = spec.model;
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
  { summary, classNames }: Evaluated,
): Promise<void> {
  const how = knn ? `${neighbours} nearest neighbours` : 'classifier';
  if (confusion !== undefined) {
    const caption = `${how} · ${checkpoint}`;
    await drawConfusion({ summary, classNames, title: spec.model.name, caption, path: confusion });
  }
  if (json) {
    io.stdout.write(`${JSON.stringify(plain(summary, classNames), null, 2)}\n`);
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
function plain(summary: ClassificationSummary, classNames: readonly string[]): Record<string, unknown> {
  const { classes, confusion, support, predicted, precision, recall, f1, ...numbers } = summary;
  return {
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
