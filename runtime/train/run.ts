import type { TrainingEngine } from '../engine/engine.ts';
import type { Sized } from './micro-batches.ts';
import type { RunPlan, RunResult } from './run-plan.ts';
import { field } from './summary.ts';
import { trainAndRecord } from './train-and-record.ts';

/**
 * Carries out a run that was planned: says what it is, opens the engine, and trains. What comes out is a function of the plan's
 * model, recipe, pictures and engine: a run that was stopped anywhere and resumed gives the same bits as one that was not (on
 * engines that are deterministic, as those on the CPU are).
 *
 * @throws UserError for a loss that is not finite and for a checkpoint that cannot be written. The last good checkpoint stays.
 */
export async function runTraining<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  plan: RunPlan<Batch, Engine>,
): Promise<RunResult> {
  const { start, length, view } = plan;
  for (const line of plan.description) view.line(line);
  if (start.step >= length.steps) {
    view.line(field('note', `all ${length.steps} steps were taken already; train longer with --epochs`));
    return resultOf(plan, 'finished');
  }
  const engine = await plan.openEngine();
  try {
    view.line(field('engine', engine.description));
    for (const note of start.notes) view.line(field('note', note));
    for (const warning of plan.warnings) view.warn(warning);
    await start.load(engine);
    return resultOf(plan, await trainAndRecord(plan, engine));
  } finally {
    view.close();
    await engine.dispose();
  }
}

function resultOf<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  { recorder, length, files }: RunPlan<Batch, Engine>,
  status: RunResult['status'],
): RunResult {
  const { step, smoothedLoss, statistics, accuracy } = recorder;
  return {
    status,
    step,
    steps: length.steps,
    loss: smoothedLoss,
    ...(accuracy ? { accuracy } : {}),
    seconds: statistics.seconds,
    files,
  };
}
