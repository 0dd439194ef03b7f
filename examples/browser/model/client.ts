import type { CallName, Calls, Reply, Step } from './messages.ts';

/** What went wrong in the worker, for people. */
export class ModelError extends Error {
  readonly help: string | undefined;

  constructor(message: string, help: string | undefined) {
    super(message);
    this.name = 'ModelError';
    this.help = help;
  }
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ModelError) => void;
}

export interface ModelEvents {
  readonly onStep: (step: Step) => void;
  /** The graphics device is gone, and nothing more can be computed. */
  readonly onLost: (reason: string) => void;
}

/** The page's end of the worker that holds the model. */
export class ModelClient {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'model' });
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(events: ModelEvents) {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data, events);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new ModelError(
        event.message || 'the model’s thread could not be started',
        'reload the page',
      );
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
  }

  /** Calls the worker. @throws ModelError when it fails. */
  call<Name extends CallName>(name: Name, given: Calls[Name]['given']): Promise<Calls[Name]['result']> {
    const id = this.#calls++;
    return new Promise<Calls[Name]['result']>((resolve, reject) => {
      // The worker answers a call with that call's result.
      this.#waiting.set(id, { resolve: (result) => resolve(result as Calls[Name]['result']), reject });
      this.#worker.postMessage({ id, name, given });
    });
  }

  #take(reply: Reply, { onStep, onLost }: ModelEvents): void {
    if (reply.kind === 'step') onStep(reply.step);
    else if (reply.kind === 'lost') onLost(reply.reason);
    else {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.kind === 'result') waiting?.resolve(reply.result);
      else waiting?.reject(new ModelError(reply.message, reply.help));
    }
  }
}
