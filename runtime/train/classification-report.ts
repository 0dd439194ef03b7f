import { readFile } from 'node:fs/promises';
import type { Pictures } from '../data/pictures.ts';
import type { ClassificationSummary } from '../evaluate/metrics.ts';
import { formatShare } from '../evaluate/tables.ts';
import type { CompiledClassifier, CompiledClassifierRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import type { ClassifierTraining } from '../model/trained-model.ts';
import type {
  Classification,
  Fact,
  ReportContents,
  ReportPicture,
  ReportStatus,
  ReportTable,
} from '../view/report/contents.ts';
import { lossCharts, measureChart } from '../view/report/loss-charts.ts';
import { writeReport } from '../view/report/page.ts';
import { specTables } from '../view/report/spec-tables.ts';
import type { RecipeOverrides } from './recipe.ts';
import { aboutFacts, resultFacts, statusText } from './report-facts.ts';
import type { RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import type { EpochLine, RunRecorder } from './run-recorder.ts';

/** What stays the same while a run goes on. */
export interface ReportedClassifier {
  readonly spec: CompiledSpec;
  readonly training: ClassifierTraining;
  readonly classifier: CompiledClassifier;
  readonly recipe: CompiledClassifierRecipe;
  readonly overrides: RecipeOverrides;
  readonly length: RunLength;
  readonly files: RunFiles;
  /** Those that it is trained on. */
  readonly pictures: Pictures;
  readonly validation: Pictures | undefined;
  readonly classNames: readonly string[];
  /** What trains it, in words. */
  readonly engine: string;
}

const TASKS: Readonly<Record<ClassifierTraining, string>> = {
  finetune: 'Fine-tuning',
  'linear-probe': 'Linear probing',
};

/**
 * Writes the report of a run that trains a classifier as it stands. Nothing before the first step. What goes wrong is a warning: a
 * report is no reason to end a run.
 */
export async function reportClassifier(
  run: ReportedClassifier,
  recorded: RunRecorder,
  summary: ClassificationSummary | undefined,
  state: ReportStatus['state'],
  reason?: string,
): Promise<void> {
  if (recorded.losses.length === 0) return;
  try {
    const status = { state, text: reason ?? statusText(run, recorded) };
    const contents = classifierReport(run, recorded, summary, { status, now: new Date() });
    const pictures = await picturesOf(run);
    await writeReport(run.files.report, { ...contents, ...(pictures.length > 0 ? { pictures } : {}) });
  } catch (error) {
    recorded.view.warn(`no report was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** All of a report but its pictures. */
export function classifierReport(
  run: ReportedClassifier,
  recorded: Pick<RunRecorder, 'step' | 'losses' | 'epochs' | 'smoothedLoss' | 'statistics' | 'started'>,
  summary: ClassificationSummary | undefined,
  { status, now }: { readonly status: ReportStatus; readonly now: Date },
): ReportContents {
  const { spec, recipe, overrides, length, training, classNames, pictures, validation } = run;
  const data = { ...run, pictures: pictures.count, data: pictures.source.location };
  const measured = validation
    ? [{ name: 'validation', value: `${validation.count} pictures in ${validation.source.location}` }]
    : [];
  return {
    title: spec.model.name,
    task: TASKS[training],
    description: spec.model.description,
    status,
    about: [...aboutFacts(data, recorded, now), ...measured],
    results: [...accuracyFacts(recorded.epochs), ...resultFacts(data, recorded)],
    curves: {
      stepsPerEpoch: length.stepsPerEpoch,
      charts: [...lossCharts(recorded.losses), ...accuracyCharts(recorded.epochs)],
    },
    ...(summary ? { classification: classificationOf(summary, classNames) } : {}),
    tables: [epochTable(recorded.epochs)],
    spec: specTables(spec, recipe, Object.keys(overrides)),
    madeBy: `mae-compiler ${spec.compiler}`,
  };
}

async function picturesOf({ files, validation }: ReportedClassifier): Promise<ReportPicture[]> {
  const predictions = await readFile(files.predictions).catch(() => undefined);
  if (predictions === undefined) return [];
  const which = validation ? 'Pictures that the model was not trained on' : 'Pictures';
  const alternative = `${which}, each with its class and what the model takes it for`;
  return [{ title: 'Predictions', alternative, png: predictions }];
}

type Evaluated = EpochLine & { readonly test_acc1: number; readonly test_acc5: number };

function evaluated(epochs: readonly EpochLine[]): Evaluated[] {
  return epochs.filter(
    (line): line is Evaluated => line.test_acc1 !== undefined && line.test_acc5 !== undefined,
  );
}

function accuracyFacts(epochs: readonly EpochLine[]): Fact[] {
  const measured = evaluated(epochs);
  const last = measured.at(-1);
  if (last === undefined) return [];
  const best = measured.reduce((most, line) => (line.test_acc1 > most.test_acc1 ? line : most), last);
  const percent = (value: number) => formatShare(value / 100);
  return [
    { name: 'top-1', value: percent(last.test_acc1), note: `after epoch ${last.epoch + 1}` },
    { name: 'best top-1', value: percent(best.test_acc1), note: `after epoch ${best.epoch + 1}` },
  ];
}

function accuracyCharts(epochs: readonly EpochLine[]) {
  const measured = evaluated(epochs);
  if (measured.length === 0) return [];
  return [
    measureChart('Validation accuracy', ' %', [
      { name: 'top-1', points: measured.map(({ step, test_acc1 }) => [step, test_acc1] as const) },
      { name: 'top-5', points: measured.map(({ step, test_acc5 }) => [step, test_acc5] as const) },
    ]),
  ];
}

function classificationOf(summary: ClassificationSummary, classNames: readonly string[]): Classification {
  const { classes, confusion, support, recall, top1, top5 } = summary;
  return {
    top1,
    top5,
    classes: classNames.map((name, label) => ({
      name,
      pictures: support[label] ?? 0,
      top1: recall[label] ?? 0,
    })),
    confusion: classNames.map((_, label) => [...confusion.subarray(label * classes, (label + 1) * classes)]),
  };
}

function epochTable(epochs: readonly EpochLine[]): ReportTable {
  const digits = (value: number | undefined, count: number) =>
    value === undefined ? '' : value.toFixed(count);
  return {
    title: 'Epochs',
    columns: ['epoch', 'step', 'loss', 'learning rate', 'validation loss', 'top-1 %', 'top-5 %', 'seconds'],
    rows: epochs.map(({ epoch, step, train_loss, train_lr, test_loss, test_acc1, test_acc5, seconds }) => [
      String(epoch + 1),
      String(step),
      train_loss.toPrecision(5),
      train_lr.toExponential(3),
      digits(test_loss, 4),
      digits(test_acc1, 2),
      digits(test_acc5, 2),
      seconds.toFixed(1),
    ]),
  };
}
