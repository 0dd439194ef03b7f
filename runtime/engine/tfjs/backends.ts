import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../engine.ts';
import { prepareTensorflow } from './backend-tensorflow.ts';
import { prepareWasm } from './backend-wasm.ts';
import { prepareWebgpu } from './backend-webgpu.ts';

/** What a backend computes on; `software` stands in for a graphics processor and is far too slow to train with. */
export type Processor = 'gpu' | 'cpu' | 'software';

/** What became of trying to use a backend. */
export type Preparation =
  | { readonly kind: 'ready'; readonly device: string; readonly processor: Processor }
  /** Its package is not there: nothing to tell a user who did not ask for it. */
  | { readonly kind: 'not installed'; readonly reason: string; readonly help: string }
  | { readonly kind: 'broken'; readonly reason: string; readonly help: string };

interface Backend {
  /** Loads the backend, so that tfjs knows it by its name. */
  readonly prepare: () => Promise<Preparation>;
}

/**
 * The backends, the one to be preferred first, where they compute on the same processor. `cpu` is plain JavaScript: right, and a
 * hundred times slower.
 */
export const BACKENDS = {
  tensorflow: { prepare: () => prepareTensorflow() },
  webgpu: { prepare: () => prepareWebgpu() },
  wasm: { prepare: prepareWasm },
  cpu: { prepare: async () => ({ kind: 'ready', device: 'plain JavaScript', processor: 'cpu' }) },
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof BACKENDS;
export const BACKEND_NAMES: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

export interface OpenBackend {
  /** One line for people. */
  readonly description: string;
  /** Lets another backend be opened when all of its users have closed it. */
  close(): void;
}

/** tfjs has one current backend in a process: all engines that are open at a time share it. */
let current: { readonly name: BackendName; readonly device: string; users: number } | undefined;

/**
 * Makes a backend the current one: the given one, or the best there is. Throws an `EngineError` when it cannot be used, or
 * while engines on another backend are open.
 */
export function openBackend(wanted?: BackendName): Promise<OpenBackend> {
  const opened = queue.then(() => open(wanted));
  queue = opened.then(
    () => undefined,
    () => undefined,
  );
  return opened;
}

/** Backends are opened one after the other: opening takes several asynchronous steps over the state above. */
let queue: Promise<void> = Promise.resolve();

async function open(wanted: BackendName | undefined): Promise<OpenBackend> {
  if (current && current.users > 0 && (wanted ?? current.name) !== current.name) {
    throw new EngineError(
      `an engine on the tfjs backend ${current.name} is open; a process has one backend at a time`,
      `close it before opening one on ${wanted}`,
    );
  }
  // Without this tfjs prints advertisements of its other packages.
  tf.enableProdMode();
  if (!current || current.users === 0) current = { ...(await choose(wanted)), users: 0 };
  const mine = current;
  mine.users++;
  let closed = false;
  return {
    description: `TensorFlow.js ${tf.version.tfjs}, backend ${mine.name}: ${mine.device}`,
    close() {
      if (!closed) mine.users--;
      closed = true;
    },
  };
}

interface Usable {
  readonly name: BackendName;
  readonly device: string;
  readonly processor: Processor;
}

async function choose(wanted: BackendName | undefined): Promise<Usable> {
  if (wanted) return use(wanted);
  const failures: string[] = [];
  for (const { name, device, processor } of await usableBackends(failures)) {
    const problem = await start(name);
    if (problem) failures.push(`not ${name}: ${problem.reason}`);
    else return { name, device: device + noteOf(failures), processor };
  }
  throw new EngineError(`no tfjs backend can be used${noteOf(failures)}`);
}

async function use(name: BackendName): Promise<Usable> {
  const preparation = await BACKENDS[name].prepare();
  const problem = preparation.kind === 'ready' ? await start(name) : preparation;
  if (preparation.kind === 'ready' && !problem) return { name, ...preparation };
  throw new EngineError(`the tfjs backend ${name} cannot be used: ${problem?.reason}`, problem?.help);
}

/** The backends that a user who named none may get, the best first; why others are passed over goes into `failures`. */
async function usableBackends(failures: string[]): Promise<Usable[]> {
  const usable: Usable[] = [];
  for (const name of BACKEND_NAMES) {
    const preparation = await BACKENDS[name].prepare();
    if (preparation.kind === 'broken') failures.push(`not ${name}: ${preparation.reason}`);
    if (preparation.kind !== 'ready') continue;
    const { device, processor } = preparation;
    if (processor === 'software') failures.push(`not ${name}: its only adapter is ${device}`);
    else if (processor === 'gpu') return [{ name, device, processor }, ...usable];
    else usable.push({ name, device, processor });
  }
  return usable;
}

const noteOf = (failures: readonly string[]): string =>
  failures.length === 0 ? '' : ` (${failures.join('; ')})`;

async function start(
  name: BackendName,
): Promise<{ readonly reason: string; readonly help: string } | undefined> {
  const set = await tf.setBackend(name).catch(() => false);
  if (set) return undefined;
  return { reason: 'it does not start on this machine', help: `use another backend: ${otherThan(name)}` };
}

function otherThan(name: BackendName): string {
  return BACKEND_NAMES.filter((other) => other !== name).join(' or ');
}
