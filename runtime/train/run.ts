import type { TrainingEngine } from '../engine/engine.ts';
import { keepAsBest } from '../weights/checkpoint.ts';
import type { Sized } from './micro-batches.ts';
import { lockRun } from './run-lock.ts';
import type { RunPlan, RunResult } from './run-plan.ts';
import { describeEngine, field } from './summary.ts';
import { trainAndRecord } from './train-and-record.ts';

/**
 * Carries out a run that was planned: says what it is, opens the engine, and trains. What comes out is a function of the plan's
 * model, recipe, pictures and engine: a run that was stopped anywhere and resumed gives the same bits as one that was not (on
 * engines that are deterministic, as those on the CPU are).
 *
 * @throws UserError when another process trains into the folder, for a loss that is not finite and for a checkpoint that cannot be written. The last good checkpoint stays.
 */
export async function runTraining<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  plan: RunPlan<Batch, Engine>,
): Promise<RunResult> {
  const unlock = await lockRun(plan.files);
  try {
    return await carryOut(plan);
  } finally {
    await unlock();
  }
}

async function carryOut<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  plan: RunPlan<Batch, Engine>,
): Promise<RunResult> {
  const { start, length, recorder, view } = plan;
  for (const line of plan.description) view.line(line);
  await keepBest(plan);
  if (start.step >= length.steps && !recorder.isEpochOpen) {
    view.line(field('note', `all ${length.steps} steps were taken already; train longer with --epochs`));
    return resultOf(plan, 'finished');
  }
  const engine = await plan.openEngine();
  try {
    for (const line of describeEngine(engine)) view.line(line);
    if (plan.recipe.precision === 'float16') view.line(field('precision', describePrecision(engine)));
    if (plan.recipe.recompute === 'blocks' && engine.kind === 'tfjs') {
      view.line(field('note', KEEPS_ACTIVATIONS));
    }
    for (const note of start.notes) view.line(field('note', note));
    for (const warning of plan.warnings) view.warn(warning);
    await start.load(engine);
    return resultOf(plan, await trainAndRecord(plan, engine));
  } finally {
    view.close();
    await plan.readingThreads?.close();
    await engine.dispose();
  }
}

const KEEPS_ACTIVATIONS =
  'recompute blocks has no effect in the tfjs engine, which keeps all activations; --engine onnx computes them again';

/** What the steps are computed in, of a recipe that asks for float16. */
function describePrecision({ kind, precision }: Pick<TrainingEngine<never>, 'kind' | 'precision'>): string {
  if (precision?.type === 'float16') return 'float16, with parameters and moments in float32';
  return `float32: ${precision?.why ?? `the ${kind} engine computes in float32`}`;
}

/** A run may have been killed after it saved its best checkpoint, and before it kept that as the best one. */
async function keepBest<Batch extends Sized, Engine extends TrainingEngine<Batch>>({
  existing,
  start: { step, statistics },
  files,
}: RunPlan<Batch, Engine>): Promise<void> {
  if (existing !== 'resume' || step === 0 || statistics.bestStep !== step) return;
  await keepAsBest(files.checkpoint, files.best);
}

function resultOf<Batch extends Sized, Engine extends TrainingEngine<Batch>>(
  { model, recorder, length, files }: RunPlan<Batch, Engine>,
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
    picture: (model.training ?? 'pretrain') === 'pretrain' ? files.reconstruction : files.predictions,
  };
}
