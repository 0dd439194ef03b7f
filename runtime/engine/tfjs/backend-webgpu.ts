import { findBackendFactory, registerBackend, removeBackend } from '@tensorflow/tfjs';
import { type AdapterSearch, findAdapter } from '../webgpu/adapter.ts';
import { DeviceWatch } from '../webgpu/device-watch.ts';
import type { Preparation } from './backends.ts';

type WebgpuPackage = typeof import('@tensorflow/tfjs-backend-webgpu');

export interface WebgpuLoader {
  /** Makes the adapter `navigator.gpu`'s, where the backend's package looks when it is loaded. */
  readonly findAdapter: () => Promise<AdapterSearch>;
  readonly load: () => Promise<WebgpuPackage>;
}

const LOADER: WebgpuLoader = { findAdapter, load: () => import('@tensorflow/tfjs-backend-webgpu') };

let watch: DeviceWatch | undefined;

/** What happened to the device of the WebGPU backend, if anything: its results are of no use from then on. */
export function webgpuFault(): string | undefined {
  return watch?.fault;
}

/** WebGPU in Node, by Dawn, which draws on Vulkan, Metal or Direct3D 12. */
export async function prepareWebgpu(loader: WebgpuLoader = LOADER): Promise<Preparation> {
  const search = await loader.findAdapter();
  if (search.kind !== 'found') {
    const { reason, help } = search;
    return { kind: search.kind === 'none' ? 'broken' : 'not installed', reason, help };
  }
  let webgpu: WebgpuPackage;
  try {
    webgpu = await loader.load();
  } catch {
    return {
      kind: 'not installed',
      reason: '@tensorflow/tfjs-backend-webgpu is not installed',
      help: 'npm install @tensorflow/tfjs-backend-webgpu',
    };
  }
  const { adapter } = search;
  if (watch?.fault !== undefined) removeBackend('webgpu');
  if (watch === undefined || watch.fault !== undefined) register(webgpu, adapter.gpuAdapter);
  return { kind: 'ready', device: adapter.description, processor: adapter.software ? 'software' : 'gpu' };
}

/**
 * In place of the package's own registration, which dies of a missing adapter and keeps the device to itself. The device gets
 * all that the adapter has.
 */
function register({ WebGPUBackend }: WebgpuPackage, adapter: GPUAdapter): void {
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  registerBackend('webgpu', async () => {
    const device = await adapter.requestDevice({
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
    });
    watch = new DeviceWatch(device);
    return new WebGPUBackend(device, adapter.info);
  });
}

const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const satisfies readonly (keyof GPUSupportedLimits)[];
