import type { ReadingThreads } from '../data/workers/reading-threads.ts';
import type { TrainingEngine } from '../engine/engine.ts';
import type { CompiledRecipe } from '../model/compiled-spec.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { FactGroup, ReportStatus } from '../view/report/contents.ts';
import type { saveCheckpoint } from '../weights/checkpoint.ts';
import type { DataIdentity } from './data-identity.ts';
import type { Interval } from './interval.ts';
import type { MicroBatchSource, Sized } from './micro-batches.ts';
import type { ExistingRun, RunFiles } from './run-folder.ts';
import type { RunLength } from './run-length.ts';
import type { EpochEvaluation, RunRecorder, RunStatus } from './run-recorder.ts';
import type { RunView } from './run-view.ts';
import type { StartingPoint } from './starting-point.ts';

/** How a run is cut short, and what happens while it goes on. */
export interface RunLimits {
  /** How often a checkpoint is saved, besides the end: every ten minutes if left out. */
  readonly saveEvery?: Interval;
  /** How often pictures are drawn, besides the end: some twenty times in all if left out. */
  readonly drawEvery?: Interval;
  /** Stops, with a checkpoint, after so many more steps. */
  readonly maxSteps?: number;
  /** Stops, with a checkpoint, after the step under way. */
  readonly signal?: AbortSignal;
  /** Threads that read pictures beside the training, 0 for none; `defaultReadingThreads` if left out. They have no effect on the result. */
  readonly readingThreads?: number;
  /** Writes the checkpoints; `saveCheckpoint` if left out. */
  readonly save?: typeof saveCheckpoint;
}

/** Looks at a run while it goes on. What goes wrong with drawings and reports is a warning, not the end of the run. */
export interface RunWatcher {
  /** Evaluates the model after the last step of an epoch; undefined where nothing is evaluated then. */
  readonly endEpoch?: (step: number) => Promise<EpochEvaluation | 'cut short' | undefined>;
  readonly draw: () => Promise<void>;
  readonly report: (state: ReportStatus['state'], reason?: string) => Promise<void>;
}

/** A run that was checked and may begin. */
export interface RunPlan<Batch extends Sized, Engine extends TrainingEngine<Batch>> {
  /** What is trained. */
  readonly model: TrainedModel;
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  readonly files: RunFiles;
  readonly existing: ExistingRun;
  readonly start: StartingPoint<CompiledRecipe>;
  readonly identity: DataIdentity;
  readonly limits: RunLimits;
  readonly recorder: RunRecorder;
  readonly view: RunView;
  /** What is told before the run begins, all but the engine. */
  readonly description: readonly string[];
  readonly warnings: readonly string[];
  /** What the first line of the log says of it, beside what it says of every run. */
  readonly about: Readonly<Record<string, unknown>>;
  /** The spec and the recipe, for TensorBoard. */
  readonly tables: readonly FactGroup[];
  readonly microBatches: MicroBatchSource<Batch>;
  /** Threads that read the pictures, which end with the run; none where the run's own thread reads them. */
  readonly readingThreads: ReadingThreads | undefined;
  /** Factors on the learning rate by parameter. */
  readonly rateScales?: ReadonlyMap<string, number>;
  /** Opens the engine, without parameters. */
  readonly openEngine: () => Promise<Engine>;
  /** Called when the engine has its parameters, before anything of an earlier run is replaced. */
  readonly watch: (engine: Engine) => Promise<RunWatcher>;
}

export interface RunResult {
  /** `finished` with the last step, `stopped` by `maxSteps`, `interrupted` by the signal. */
  readonly status: Exclude<RunStatus, 'failed'>;
  /** Optimizer steps taken since the run began, and how many there are in all. */
  readonly step: number;
  readonly steps: number;
  /** Median loss of the latest steps; NaN when none was taken. */
  readonly loss: number;
  /** Share of the validation pictures that were classified rightly: the last time, and the best; of classifiers only. */
  readonly accuracy?: { readonly last: number; readonly best: number };
  /** Seconds of training since the run began. */
  readonly seconds: number;
  readonly files: RunFiles;
  /** What was drawn of the model. */
  readonly picture: string;
}
