import { readFile } from 'node:fs/promises';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import type { ReportContents, ReportStatus, ReportTable } from '../view/report/contents.ts';
import { lossCharts } from '../view/report/loss-charts.ts';
import { writeReport } from '../view/report/page.ts';
import { specTables, type TabledSpec } from '../view/report/spec-tables.ts';
import type { RecipeOverrides } from './recipe.ts';
import { aboutFacts, resultFacts, statusText } from './report-facts.ts';
import type { RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import type { EpochLine, RunRecorder } from './run-recorder.ts';

/** What stays the same while a run goes on. */
export interface ReportedRun {
  readonly spec: TabledSpec & Pick<CompiledSpec, 'compiler'>;
  readonly recipe: CompiledRecipe;
  readonly overrides: RecipeOverrides;
  readonly length: RunLength;
  readonly files: Pick<RunFiles, 'report' | 'reconstruction'>;
  /** How many pictures there are, and in which folder. */
  readonly pictures: number;
  readonly data: string;
  /** What trains it, in words. */
  readonly engine: string;
}

type Recorded = Pick<
  RunRecorder,
  'step' | 'losses' | 'epochs' | 'smoothedLoss' | 'statistics' | 'started' | 'view'
>;

/**
 * Writes the report of a pretraining run as it stands: with the losses since the run began and the reconstructions that were drawn
 * last. Nothing before the first step. What goes wrong is a warning: a report is no reason to end a run.
 */
export async function reportPretraining(
  run: ReportedRun,
  recorded: Recorded,
  state: ReportStatus['state'],
  reason?: string,
): Promise<void> {
  if (recorded.losses.length === 0) return;
  try {
    const reconstruction = await readFile(run.files.reconstruction).catch(() => undefined);
    const text = reason ?? statusText(run, recorded);
    const contents = pretrainingReport(run, recorded, { status: { state, text }, now: new Date() });
    const picture = reconstruction && {
      title: 'Reconstructions',
      alternative:
        'Pictures of the folder, each beside what the model sees of it and how the model fills in the rest',
      png: reconstruction,
    };
    await writeReport(run.files.report, { ...contents, ...(picture ? { pictures: [picture] } : {}) });
  } catch (error) {
    recorded.view.warn(`no report was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** All of a report but its pictures. */
export function pretrainingReport(
  run: ReportedRun,
  recorded: Recorded,
  { status, now }: { readonly status: ReportStatus; readonly now: Date },
): ReportContents {
  const { spec, recipe, overrides, length } = run;
  return {
    title: spec.model.name,
    task: 'Pretraining',
    description: spec.model.description,
    status,
    about: aboutFacts(run, recorded, now),
    results: resultFacts(run, recorded),
    curves: { stepsPerEpoch: length.stepsPerEpoch, charts: lossCharts(recorded.losses) },
    tables: [epochTable(recorded.epochs)],
    spec: specTables(spec, recipe, Object.keys(overrides)),
    madeBy: `mae-compiler ${spec.compiler}`,
  };
}

function epochTable(epochs: readonly EpochLine[]): ReportTable {
  return {
    title: 'Epochs',
    columns: ['epoch', 'step', 'loss', 'learning rate', 'seconds'],
    rows: epochs.map(({ epoch, step, train_loss, train_lr, seconds }) => [
      String(epoch + 1),
      String(step),
      train_loss.toPrecision(5),
      train_lr.toExponential(3),
      seconds.toFixed(1),
    ]),
  };
}
