import { join } from 'node:path';
import { z } from 'zod';
import { readLog } from '../../runtime/train/run-log.ts';
import { UserError } from '../../runtime/user-error.ts';

/** The batch of a run, from the line of its log that says how it began. */
const startSchema = z.object({ recipe: z.object({ batch: z.int() }) });

export interface TrainedRun {
  /** How many pictures the training went through, each as often as it came. */
  readonly pictures: number;
  /** Share of the test pictures that the finished classifier gets right; undefined where there is none. */
  readonly top1: number | undefined;
}

/** What the log of a finished run says of it. @throws UserError when it does not say that the run began. */
export async function readRun(directory: string): Promise<TrainedRun> {
  const path = join(directory, 'log.jsonl');
  const lines = await readLog(path);
  const start = startSchema.safeParse(lines.find((line) => line.event === 'start'));
  if (!start.success) throw new UserError(`${path} does not say how its run began`);
  const epochs = lines.filter((line) => line.event === 'epoch');
  const percent = epochs.at(-1)?.test_acc1;
  return {
    pictures: (lines.at(-1)?.step ?? 0) * start.data.recipe.batch,
    top1: percent === undefined ? undefined : percent / 100,
  };
}
