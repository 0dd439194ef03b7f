import type { PretrainingEngine } from '../engine/engine.ts';
import { type DrawnRun, RunDrawing } from './drawing.ts';
import { type ReportedRun, reportPretraining } from './pretraining-report.ts';
import type { RunWatcher } from './run-plan.ts';

/** Draws reconstructions and losses of a pretraining run, and writes its report. @throws UserError when no picture can be read. */
export async function watchPretraining(
  run: DrawnRun & Omit<ReportedRun, 'engine' | 'files' | 'pictures' | 'data'>,
  engine: PretrainingEngine,
): Promise<RunWatcher> {
  const drawing = await RunDrawing.open(run, engine);
  const { pictures, recorder } = run;
  const reported: ReportedRun = {
    ...run,
    pictures: pictures.count,
    data: pictures.source.location,
    engine: engine.description,
  };
  return {
    draw: () => drawing.draw(),
    report: (state, reason) => reportPretraining(reported, recorder, state, reason),
  };
}
