import { openBackend } from './backend.ts';
import { spec } from './compiled.ts';
import type { BackendName, CallName, Calls, Reply, Request, WeightsOrigin } from './messages.ts';
import { Session } from './session.ts';
import { formatWeights, readWeights } from './weights.ts';

/** The thread that computes, so that the page never waits: it answers the calls of the page one by one. */

/** Pictures of a training step: few, for a step to be short. Plain JavaScript takes seconds for more. */
const BATCH: Readonly<Record<BackendName, number>> = { webgpu: 16, wasm: 16, cpu: 2 };

const RANDOM: WeightsOrigin = { kind: 'random', file: '' };

/** What says whether weights lie beside the page, and which. */
interface Deposit {
  readonly file?: string;
}

let session: Session | undefined;
let training = false;

const ANSWERS: {
  readonly [Name in CallName]: (given: Calls[Name]['given']) => Promise<Calls[Name]['result']>;
} = {
  async open({ backend, base }) {
    const choice = await openBackend(backend, (reason) => tell({ kind: 'lost', reason }));
    session = new Session(BATCH[choice.name]);
    await session.reset();
    try {
      return { backend: choice, weights: await loadDeposit(session, base), warning: undefined };
    } catch (error) {
      return { backend: choice, weights: RANDOM, warning: explain(error).message };
    }
  },
  load: ({ file, bytes }) => loadFile(opened(), file, bytes),
  async reset() {
    await opened().reset();
    return undefined;
  },
  save: async () => formatWeights(await opened().readWeights(), spec),
  reconstruct: ({ image, removed, mask }) => opened().reconstruct(image, removed, mask),
  async train({ pictures }) {
    training = true;
    let steps = 0;
    while (training) {
      const step = await opened().step(pictures);
      steps = step.step;
      tell({ kind: 'step', step });
      // Calls that came meanwhile get their turn: `stop`, for one.
      await nextTurn();
    }
    return steps;
  },
  async stop() {
    training = false;
    return undefined;
  },
};

function opened(): Session {
  if (session === undefined) throw new Error('the page has not opened the model yet');
  return session;
}

/** Loads the weights that lie beside the page, if there are any. */
async function loadDeposit(into: Session, base: string): Promise<WeightsOrigin> {
  const { file }: Deposit = await (await fetch(new URL('weights/weights.json', base))).json();
  if (file === undefined) return RANDOM;
  const response = await fetch(new URL('weights/checkpoint.safetensors', base));
  if (!response.ok) return RANDOM;
  return loadFile(into, file, await response.arrayBuffer());
}

async function loadFile(into: Session, file: string, bytes: ArrayBuffer): Promise<WeightsOrigin> {
  const { origin, parameters } = readWeights(file, bytes, spec);
  await into.load(parameters);
  return origin;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

function tell(reply: Reply): void {
  postMessage(reply);
}

function explain(error: unknown): { readonly message: string; readonly help: string | undefined } {
  const message = error instanceof Error ? error.message : String(error);
  const help = error instanceof Error && 'help' in error ? error.help : undefined;
  return { message, help: typeof help === 'string' ? help : undefined };
}

async function answer<Name extends CallName>(
  id: number,
  name: Name,
  given: Calls[Name]['given'],
): Promise<void> {
  try {
    tell({ kind: 'result', id, result: await ANSWERS[name](given) });
  } catch (error) {
    training = false;
    tell({ kind: 'failure', id, ...explain(error) });
  }
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  void answer(data.id, data.name, data.given);
});
