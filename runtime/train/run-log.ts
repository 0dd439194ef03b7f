import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { explainSystemError, writeFileAtomically } from '../files.ts';

/**
 * One line of `log.jsonl`. Every line says its `event` and the count of optimizer steps taken by then. An `epoch` line has the
 * keys of the official log.txt (`train_loss`, `train_lr`: means over the epoch; `epoch` from 0); in a `step` line `epoch` is how
 * many epochs were done after the step, a fraction. `images_per_second` is of that step, `data_wait` the share of its time
 * that was spent waiting for pictures.
 */
const line = z.discriminatedUnion('event', [
  z.looseObject({ event: z.literal('start'), step: z.int() }),
  z.looseObject({ event: z.literal('resume'), step: z.int() }),
  z.object({
    event: z.literal('step'),
    step: z.int(),
    epoch: z.number(),
    loss: z.number(),
    lr: z.number(),
    images_per_second: z.number(),
    data_wait: z.number(),
  }),
  z.object({
    event: z.literal('epoch'),
    step: z.int(),
    epoch: z.number(),
    train_loss: z.number(),
    train_lr: z.number(),
    seconds: z.number(),
  }),
  z.looseObject({ event: z.literal('skipped'), step: z.int() }),
  z.looseObject({ event: z.literal('end'), step: z.int(), status: z.string() }),
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

/** Milliseconds for which lines may stay in memory only. */
const FLUSH_AFTER = 1000;

/**
 * Appends lines to a log. A line that cannot be written (a full disk) is kept and tried again with the next ones: the log
 * alone never stops a run.
 */
export class RunLog {
  readonly #path: string;
  readonly #failed: (error: unknown) => void;
  #waiting: string[] = [];
  #flushed = 0;

  /** `failed` is told, as a `UserError`, whenever waiting lines could not be written. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  add(entry: LogLine): void {
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    if (performance.now() - this.#flushed > FLUSH_AFTER) this.flush();
  }

  /** Writes out what waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#flushed = performance.now();
    try {
      appendWhole(this.#path, Buffer.from(this.#waiting.join(''), 'utf8'));
      this.#waiting = [];
    } catch (error) {
      this.#failed(explainSystemError('write', this.#path, error));
    }
  }
}

/** Appends all of the bytes, or leaves the file as it was. */
function appendWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'a');
  try {
    const { size } = fstatSync(file);
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
    } catch (error) {
      ftruncateSync(file, size);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}
