import type { Device } from '../device.ts';
import { BACKENDS, type BackendName, type Processor } from './backends.ts';

/** The backends that compute on a device, the best first, and the processors that they may then turn out to use. */
const DEVICE_BACKENDS: Readonly<
  Record<Device, { backends: readonly BackendName[]; processors: Processor[] }>
> = {
  cuda: { backends: ['tensorflow'], processors: ['gpu'] },
  webgpu: { backends: ['webgpu'], processors: ['gpu', 'software'] },
  cpu: { backends: ['tensorflow', 'wasm', 'cpu'], processors: ['cpu'] },
};

export type FoundBackend =
  | { readonly kind: 'found'; readonly name: BackendName; readonly on: string; readonly processor: Processor }
  | { readonly kind: 'none'; readonly reason: string; readonly help: string };

/** The best backend on a device. */
export async function findBackend(device: Device): Promise<FoundBackend> {
  const { backends, processors } = DEVICE_BACKENDS[device];
  let problem = { reason: `tfjs has no backend for ${device}`, help: 'use another --device' };
  for (const name of backends) {
    const preparation = await BACKENDS[name].prepare();
    if (preparation.kind !== 'ready') {
      problem = preparation;
    } else if (processors.includes(preparation.processor)) {
      return { kind: 'found', name, on: preparation.device, processor: preparation.processor };
    } else {
      problem = {
        reason: `the backend ${name} is ${preparation.device}`,
        help: 'nvidia-smi must list the GPU, and CUDA 11.2 and cuDNN 8.1 must be installed for tfjs-node-gpu',
      };
    }
  }
  return { kind: 'none', reason: problem.reason, help: problem.help };
}
