import * as tf from '@tensorflow/tfjs';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { UserError } from '../../../runtime/user-error.ts';
import { BACKEND_NAMES, type BackendChoice, type BackendName } from './messages.ts';

/** Whether a backend can be tried; `reason` says why not, and is the rest of a sentence that begins with its name. */
type Trial = { readonly device: () => string } | { readonly reason: string };

interface Backend {
  readonly label: string;
  /** Whether it may be tried; `forced` where the user named it. */
  readonly prepare: (forced: boolean) => Promise<Trial>;
  /** Why one would take it. */
  readonly merit: string;
}

const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  webgpu: {
    label: 'WebGPU',
    prepare: prepareWebgpu,
    merit: 'the graphics processor is the fastest there is',
  },
  wasm: { label: 'WebAssembly', prepare: prepareWasm, merit: 'the fastest without a graphics processor' },
  cpu: {
    label: 'JavaScript',
    prepare: async () => ({ device: () => 'one thread' }),
    merit: 'it runs everywhere, if slowly',
  },
};

/**
 * Makes the named tfjs backend the current one, or else the best that works, and says why it is this one.
 *
 * @throws UserError when none works.
 */
export async function openBackend(
  named: BackendName | undefined,
  onLost: (reason: string) => void,
): Promise<BackendChoice> {
  // Without this tfjs prints advertisements of its other packages.
  tf.enableProdMode();
  const reasons: string[] = [];
  for (const name of named === undefined ? BACKEND_NAMES : [named]) {
    const { label, prepare, merit } = BACKENDS[name];
    const trial = await prepare(named !== undefined);
    const reason = 'reason' in trial ? trial.reason : await start(name);
    if (reason === undefined && 'device' in trial) {
      watch(onLost);
      const taken = named === undefined ? merit : `the page’s address asks for ${label}`;
      return { name, device: trial.device(), why: sentence(reasons.length === 0 ? [taken] : reasons) };
    }
    reasons.push(`${label} ${reason}`);
  }
  throw new UserError(
    `nothing here can compute: ${reasons.join('; ')}`,
    'open this page in a current Chrome, Edge, Firefox or Safari',
  );
}

function sentence(parts: readonly string[]): string {
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

async function prepareWebgpu(forced: boolean): Promise<Trial> {
  if (!globalThis.isSecureContext) {
    return { reason: 'is for pages from https or localhost only' };
  }
  if (!('gpu' in navigator)) return { reason: 'is not in this browser, or switched off' };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { reason: 'finds no graphics processor that it may use' };
  const { vendor, architecture, description } = adapter.info;
  const device =
    description || [vendor, architecture].filter((part) => part !== '').join(' ') || 'unnamed adapter';
  if (isSoftware(adapter) && !forced) {
    return { reason: `has a software adapter only (${device}), which is slower than WebAssembly` };
  }
  return { device: () => device };
}

function isSoftware({ info }: GPUAdapter): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.description}`)
  );
}

async function prepareWasm(): Promise<Trial> {
  if (typeof WebAssembly === 'undefined') return { reason: 'is switched off in this browser' };
  // The names under which the backend asks for its binaries.
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainUrl,
    'tfjs-backend-wasm-simd.wasm': simdUrl,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
  });
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threaded = simd && (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  return {
    device() {
      const threads = threaded ? getThreadsCount() : 1;
      return `${threads} ${threads === 1 ? 'thread' : 'threads'}${simd ? ', SIMD' : ''}`;
    },
  };
}

/** Starts a backend and has it compute something; the reason why it does not work, if it does not. */
async function start(name: BackendName): Promise<string | undefined> {
  try {
    if (!(await tf.setBackend(name))) return 'does not start';
    const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
    const [value] = await product.data();
    product.dispose();
    return value === 11 ? undefined : `computes wrongly (1·3 + 2·4 = ${value})`;
  } catch (error) {
    return `does not start (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Tells when the graphics device is lost: its driver was updated or crashed, or memory ran out. */
function watch(onLost: (reason: string) => void): void {
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) return;
  void backend.device.lost.then(({ message }) => onLost(message));
}
