import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type BatchTask, type MadeBatch, makeBatch } from './batch-task.ts';

/** What a reading thread begins with, */
export interface ThreadSetup {
  /** Not zero as soon as nobody waits for its batches any more. */
  readonly closed: SharedArrayBuffer;
}

/** what it is sent, a batch or the wish that it ends, */
export type ThreadMessage = ThreadTask | 'end';

export interface ThreadTask {
  readonly id: number;
  readonly task: BatchTask;
}

/** and what it answers. */
export interface ThreadAnswer {
  readonly id: number;
  readonly made: MadeBatch;
}

const setup: ThreadSetup = workerData;
const closed = new Int32Array(setup.closed);
const means = {
  readFile: readFileSync,
  atOnce: 1,
  isCancelled: () => Atomics.load(closed, 0) !== 0,
};

/** One batch after the other: the first is wanted first. */
let last = Promise.resolve();

parentPort?.on('message', (message: ThreadMessage) => {
  last = last.then(async () => {
    if (message === 'end') {
      parentPort?.close();
      return;
    }
    const made = await makeBatch(message.task, means);
    const answer: ThreadAnswer = { id: message.id, made };
    if (!means.isCancelled()) parentPort?.postMessage(answer, [made.images.buffer]);
  });
});
