import { formatDuration } from '../train/format.ts';
import type { RunResult } from '../train/run-plan.ts';
import { field } from '../train/summary.ts';
import { continueCommand } from './continue-command.ts';

/** What is told of a run that has ended; `start` and `argv` are the command line that began it. */
export function describeEnd(
  result: RunResult,
  { start, argv }: { readonly start: string; readonly argv: readonly string[] },
): string[] {
  const { status, step, steps, loss, accuracy, seconds, files, picture } = result;
  if (step === 0) return [field('stopped', 'before the first step: there is nothing to save')];
  if (status !== 'finished') {
    return [
      field('stopped', `after step ${step} of ${steps}; saved in ${files.checkpoint}`),
      field('go on', continueCommand(start, argv)),
    ];
  }
  const last = Number.isNaN(loss) ? '' : `, loss ${loss.toFixed(4)}`;
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  return [
    field('done', `${steps} steps in ${formatDuration(seconds)} of training${last}`),
    ...(accuracy
      ? [field('accuracy', `top-1 ${percent(accuracy.last)}, at best ${percent(accuracy.best)}`)]
      : []),
    field('weights', files.checkpoint),
    ...(accuracy ? [field('best', files.best)] : []),
    field('report', files.report),
    field('look at', picture),
  ];
}
