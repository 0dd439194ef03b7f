import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../user-error.ts';
import type { Size } from '../crop.ts';
import type { PictureContent } from '../source.ts';
import type { BatchTask, MadeBatch } from './batch-task.ts';
import type { ThreadAnswer, ThreadMessage, ThreadSetup } from './reading-thread.ts';

/** Images with fewer pixels are made in less time than it takes to hand them from one thread to another. */
const FEWEST_PIXELS = 64 * 64;

/**
 * How many threads are worth having: as many as there are processors, and none for small images. Node decodes four pictures at a time,
 * or as many as the environment variable UV_THREADPOOL_SIZE says, in threads that all others share; more than twice as many would wait for
 * these.
 */
export function defaultReadingThreads({ height, width }: Size): number {
  if (height * width < FEWEST_PIXELS) return 0;
  const decoders = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  return Math.min(availableParallelism(), 2 * decoders);
}

/**
 * Threads that make batches of images of this size, as many as are asked for; undefined where the thread that asks makes them itself,
 * as it does without a build: not every version of Node loads TypeScript into a thread.
 */
export function openReadingThreads(
  image: Size,
  count: number = defaultReadingThreads(image),
): ReadingThreads | undefined {
  return count > 0 && import.meta.url.endsWith('.js') ? new ReadingThreads(count) : undefined;
}

/**
 * Threads that make batches. Each begins when it is first needed. Until they are closed they wait for more, but do not keep the program
 * from ending.
 */
export class ReadingThreads {
  readonly count: number;
  readonly #threads: ReadingThread[] = [];
  #next = 0;

  constructor(count: number) {
    this.count = count;
  }

  /** Makes a batch in one of the threads, each in its turn. @throws UserError when that thread has ended, or does so meanwhile. */
  make(task: BatchTask): Promise<MadeBatch> {
    const place = this.#next++ % this.count;
    const thread = this.#threads[place] ?? new ReadingThread();
    this.#threads[place] = thread;
    return thread.make(task);
  }

  /** Resolves as soon as all threads have ended; what is still awaited of them rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

interface Awaited {
  readonly resolve: (made: MadeBatch) => void;
  readonly reject: (error: Error) => void;
}

class ReadingThread {
  readonly #closed = new SharedArrayBuffer(4);
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #awaited = new Map<number, Awaited>();
  #ended: Error | undefined;
  #tasks = 0;

  constructor() {
    const workerData: ThreadSetup = { closed: this.#closed };
    this.#worker = new Worker(new URL('./reading-thread.js', import.meta.url), { workerData });
    this.#worker.unref();
    this.#worker.on('message', ({ id, made }: ThreadAnswer) => {
      this.#awaited.get(id)?.resolve(made);
      this.#forget(id);
    });
    this.#worker.on('error', (error) => this.#end(endedError(error.message, error)));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#end(endedError(`it ended with code ${code}`));
        resolve();
      });
    });
  }

  make(task: BatchTask): Promise<MadeBatch> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#tasks++;
    return new Promise((resolve, reject) => {
      this.#awaited.set(id, { resolve, reject });
      // The program goes on while a batch is awaited.
      this.#worker.ref();
      const pictures = task.pictures.map((picture) => ({ ...picture, content: ownContent(picture.content) }));
      this.#send({ id, task: { ...task, pictures } });
    });
  }

  async close(): Promise<void> {
    Atomics.store(new Int32Array(this.#closed), 0, 1);
    this.#end(new Error('the threads that read pictures were closed'));
    this.#worker.ref();
    this.#send('end');
    await this.#exited;
  }

  #send(message: ThreadMessage): void {
    this.#worker.postMessage(message);
  }

  #forget(id: number): void {
    this.#awaited.delete(id);
    if (this.#awaited.size === 0) this.#worker.unref();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const [id, { reject }] of this.#awaited) {
      reject(this.#ended);
      this.#forget(id);
    }
  }
}

function endedError(reason: string, cause?: unknown): UserError {
  return new UserError(
    `a thread that reads pictures has failed: ${reason}`,
    'with --reading-threads 0 pictures are read without such threads',
    { cause },
  );
}

/** The content without the rest of the memory that it is a part of, which would be copied to the thread with it. */
function ownContent(content: PictureContent | undefined): PictureContent | undefined {
  if (content === undefined || typeof content === 'string') return content;
  if (content instanceof Uint8Array) return isWhole(content) ? content : Uint8Array.from(content);
  const { data } = content;
  if (isWhole(data)) return content;
  return data instanceof Uint8Array
    ? { ...content, data: Uint8Array.from(data) }
    : { ...content, data: Float32Array.from(data) };
}

const isWhole = ({ byteLength, buffer }: ArrayBufferView): boolean => byteLength === buffer.byteLength;
