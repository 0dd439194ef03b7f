import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../engine.ts';
import { prepareTensorflow } from './backend-tensorflow.ts';
import { prepareWasm } from './backend-wasm.ts';

/** What became of trying to use a backend. */
export type Preparation =
  | { readonly kind: 'ready'; readonly device: string }
  /** Its package is not there: nothing to tell a user who did not ask for it. */
  | { readonly kind: 'not installed'; readonly reason: string; readonly help: string }
  | { readonly kind: 'broken'; readonly reason: string; readonly help: string };

interface Backend {
  /** Loads the backend, so that tfjs knows it by its name. */
  readonly prepare: () => Promise<Preparation>;
}

/** The backends, the one to be preferred first. `cpu` is plain JavaScript: right, and a hundred times slower. */
export const BACKENDS = {
  tensorflow: { prepare: prepareTensorflow },
  wasm: { prepare: prepareWasm },
  cpu: { prepare: async () => ({ kind: 'ready', device: 'plain JavaScript' }) },
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof BACKENDS;
export const BACKEND_NAMES: readonly BackendName[] = ['tensorflow', 'wasm', 'cpu'];

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

async function choose(wanted: BackendName | undefined): Promise<{ name: BackendName; device: string }> {
  const failures: string[] = [];
  for (const name of wanted ? [wanted] : BACKEND_NAMES) {
    const preparation = await prepare(name);
    if (preparation.kind === 'ready') {
      const note = failures.length === 0 ? '' : ` (${failures.join('; ')})`;
      return { name, device: preparation.device + note };
    }
    if (wanted)
      throw new EngineError(
        `the tfjs backend ${name} cannot be used: ${preparation.reason}`,
        preparation.help,
      );
    if (preparation.kind === 'broken') failures.push(`not ${name}: ${preparation.reason}`);
  }
  throw new EngineError(`no tfjs backend can be used: ${failures.join('; ')}`);
}

async function prepare(name: BackendName): Promise<Preparation> {
  const preparation = await BACKENDS[name].prepare();
  if (preparation.kind !== 'ready') return preparation;
  const set = await tf.setBackend(name).catch(() => false);
  if (set) return preparation;
  return {
    kind: 'broken',
    reason: 'it does not start on this machine',
    help: `use another backend: ${otherThan(name)}`,
  };
}

function otherThan(name: BackendName): string {
  return BACKEND_NAMES.filter((other) => other !== name).join(' or ');
}
