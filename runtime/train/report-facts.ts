import type { CompiledRecipe } from '../model/compiled-spec.ts';
import type { Fact } from '../view/report/contents.ts';
import { formatCount, formatDuration } from './format.ts';
import type { RunLength } from './run-length.ts';
import type { RunRecorder } from './run-recorder.ts';
import { learningRateSchedule } from './schedule.ts';

/** What of a run the facts are about. */
export interface ReportedData {
  readonly recipe: CompiledRecipe;
  readonly length: RunLength;
  /** How many pictures there are, and where. */
  readonly pictures: number;
  readonly data: string;
  /** What trains it, in words. */
  readonly engine: string;
}

type Recorded = Pick<RunRecorder, 'step' | 'epochs' | 'smoothedLoss' | 'statistics' | 'started'>;

/** How far a run is: "epoch 3.5 of 10, step 350 of 1000". */
export function statusText(
  { length }: Pick<ReportedData, 'length'>,
  { step }: Pick<Recorded, 'step'>,
): string {
  const epochs = Number((step / length.stepsPerEpoch).toFixed(2));
  return `epoch ${epochs} of ${length.epochs}, step ${step} of ${length.steps}`;
}

/** What a reader wants to know first of any run. */
export function aboutFacts(
  { recipe, pictures, data, engine }: ReportedData,
  { started }: Pick<Recorded, 'started'>,
  now: Date,
): Fact[] {
  return [
    { name: 'recipe', value: recipe.name },
    { name: 'pictures', value: `${pictures} in ${data}` },
    { name: 'batch', value: `${recipe.batch} pictures a step` },
    { name: 'learning rate', value: `${learningRateSchedule(recipe).peak.toExponential(2)} at its peak` },
    { name: 'engine', value: engine },
    ...(started === undefined ? [] : [{ name: 'started', value: dateText(started) }]),
    { name: 'written', value: dateText(now) },
  ];
}

/** What came out of any run. */
export function resultFacts(
  { recipe, length }: Pick<ReportedData, 'recipe' | 'length'>,
  recorded: Recorded,
): Fact[] {
  const { step, epochs, smoothedLoss, statistics } = recorded;
  const last = epochs.at(-1);
  const loss = last?.train_loss ?? smoothedLoss;
  const note = last === undefined ? 'median of the latest steps' : `mean of epoch ${last.epoch + 1}`;
  return [
    ...(Number.isNaN(loss) ? [] : [{ name: 'loss', value: loss.toPrecision(4), note }]),
    { name: 'steps', value: String(step), note: `of ${length.steps}` },
    { name: 'training time', value: formatDuration(statistics.seconds) },
    ...(statistics.seconds > 0
      ? [{ name: 'images/s', value: formatCount((step * recipe.batch) / statistics.seconds) }]
      : []),
  ];
}

/** "2026-03-07 14:05 UTC". */
function dateText(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
