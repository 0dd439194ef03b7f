import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppendedFile } from '../appended-file.ts';
import { explainSystemError, writeFileAtomically } from '../files.ts';

/** As `Date.toISOString` writes it. */
const time = z.iso.datetime().optional();

/**
 * One line of `log.jsonl`. Every line says its `event` and the count of optimizer steps taken by then. An `epoch` line has the
 * keys of the official log.txt (`train_loss`, `train_lr`: means over the epoch; `epoch` from 0); in a `step` line `epoch` is how
 * many epochs were done after the step, a fraction. `images_per_second` is of that step, `data_wait` the share of its time
 * that was spent waiting for pictures. Of a step in float16 the line has the `loss_scale`; an `overflow` line before it says how
 * often that was too large: it was halved each time, and the batch computed again. Where there are classes, an `epoch` line has the official `test_loss`, `test_acc1` and
 * `test_acc5` (percent) and `n_parameters` (trainable ones), too.
 */
const line = z.discriminatedUnion('event', [
  z.looseObject({ event: z.literal('start'), step: z.int(), time }),
  z.looseObject({ event: z.literal('resume'), step: z.int(), time }),
  z.object({
    event: z.literal('step'),
    step: z.int(),
    epoch: z.number(),
    loss: z.number(),
    lr: z.number(),
    images_per_second: z.number(),
    data_wait: z.number(),
    loss_scale: z.number().optional(),
  }),
  z.object({ event: z.literal('overflow'), step: z.int(), times: z.int(), loss_scale: z.number() }),
  z.object({
    event: z.literal('epoch'),
    step: z.int(),
    epoch: z.number(),
    train_loss: z.number(),
    train_lr: z.number(),
    test_loss: z.number().optional(),
    test_acc1: z.number().optional(),
    test_acc5: z.number().optional(),
    n_parameters: z.int().optional(),
    seconds: z.number(),
  }),
  z.looseObject({ event: z.literal('skipped'), step: z.int() }),
  z.looseObject({ event: z.literal('end'), step: z.int(), time, status: z.string() }),
]);

export type LogLine = z.infer<typeof line>;

/** The lines of a log up to and with a step. Lines that do not parse (the last one of a crashed run) are left out. */
export async function readLog(path: string, lastStep = Number.POSITIVE_INFINITY): Promise<LogLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw explainSystemError('read', path, error);
  }
  return text.split('\n').flatMap((entry) => {
    const parsed = parseLine(entry);
    return parsed !== undefined && parsed.step <= lastStep ? [parsed] : [];
  });
}

function parseLine(text: string): LogLine | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Puts the log back to how it was after `lastStep` steps: a resumed run takes the later steps again. */
export async function rewindLog(path: string, lastStep: number): Promise<LogLine[]> {
  const kept = await readLog(path, lastStep);
  await writeFileAtomically(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return kept;
}

/**
 * Appends lines to a log. A line that cannot be written (a full disk) is kept and tried again with the next ones: the log
 * alone never stops a run.
 */
export class RunLog {
  readonly #file: AppendedFile;

  /** `failed` is told, as a `UserError`, whenever waiting lines could not be written. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.#file = new AppendedFile(path, failed);
  }

  add(entry: LogLine): void {
    this.#file.add(Buffer.from(`${JSON.stringify(entry)}\n`, 'utf8'));
  }

  /** Writes out what waits. */
  flush(): void {
    this.#file.flush();
  }
}
