import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../runtime/user-error.ts';
import { drawShare, type PicturePlan, type Share } from './draw-share.ts';
import type { ThreadMessage } from './draw-thread.ts';

const MOST_THREADS = 8;

/** Draws a plan, each processor a share of it. Which thread draws what has no effect on the pictures. */
export async function drawInThreads(plan: PicturePlan, onPicture: () => void): Promise<void> {
  // Only compiled modules can be loaded into a thread on every version of Node.
  const threads = import.meta.url.endsWith('.js') ? Math.min(availableParallelism(), MOST_THREADS) : 1;
  if (threads === 1) {
    await drawShare(plan, { first: 0, step: 1 }, onPicture);
    return;
  }
  const workers: Worker[] = [];
  const ended = Array.from({ length: threads }, (_, first) => {
    const worker = new Worker(new URL('./draw-thread.js', import.meta.url), {
      workerData: { plan, share: { first, step: threads } satisfies Share },
    });
    workers.push(worker);
    return endOf(worker, onPicture);
  });
  try {
    await Promise.all(ended);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function endOf(worker: Worker, onPicture: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'picture') onPicture();
      else if (message.kind === 'failed') reject(new UserError(message.message, message.help));
      else resolve();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a drawing thread ended too early, with code ${code}`)));
  });
}
