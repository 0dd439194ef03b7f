import { type ChosenDevice, DEVICES, type Device } from './device.ts';
import { EngineError } from './engine.ts';

export type EngineKind = 'onnx' | 'tfjs';

export const ENGINE_KINDS = ['onnx', 'tfjs'] as const satisfies readonly EngineKind[];

export type DeviceChoice = 'auto' | Device;

export const DEVICE_CHOICES = ['auto', ...DEVICES] as const satisfies readonly DeviceChoice[];

/** Whether an engine can compute on a device here. */
export type Availability =
  /** `slow` devices are for those who name them. */
  | { readonly kind: 'ready'; readonly on: string; readonly slow: boolean }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly help: string };

/** Each asks the libraries of one engine for one device; a library is loaded only when it is asked. */
export type Probes = Readonly<Record<EngineKind, Readonly<Record<Device, () => Promise<Availability>>>>>;

const ready = (on: string, slow = false): Availability => ({ kind: 'ready', on, slow });

const tfjsOn = (device: Device) => async (): Promise<Availability> => {
  const { findBackend } = await import('./tfjs/devices.ts');
  const found = await findBackend(device);
  if (found.kind === 'none') return { kind: 'unavailable', reason: found.reason, help: found.help };
  return ready(`backend ${found.name}, ${found.on}`, found.processor === 'software');
};

export const PROBES: Probes = {
  onnx: {
    cuda: async () => {
      const { findCudaProvider } = await import('./onnx/cuda-provider.ts');
      return findCudaProvider() === undefined
        ? {
            kind: 'unavailable',
            reason: "onnxruntime-node's CUDA provider is not installed",
            help: 'on Linux with CUDA, install onnxruntime-node with its install script allowed',
          }
        : ready('CUDA');
    },
    webgpu: async () => {
      const { findAdapter } = await import('./webgpu/adapter.ts');
      const search = await findAdapter();
      if (search.kind !== 'found') {
        return { kind: 'unavailable', reason: search.reason, help: search.help };
      }
      return ready(search.adapter.description, search.adapter.software);
    },
    cpu: async () => ready('the CPU'),
  },
  tfjs: { cuda: tfjsOn('cuda'), webgpu: tfjsOn('webgpu'), cpu: tfjsOn('cpu') },
};

/**
 * The devices of each engine for `auto`, the one to be preferred first. ONNX Runtime's WebGPU keeps parameters and optimizer on the
 * device, its CUDA takes them from the host at every step.
 */
const PREFERRED: Readonly<Record<EngineKind, readonly Device[]>> = {
  onnx: ['webgpu', 'cuda', 'cpu'],
  tfjs: ['cuda', 'webgpu', 'cpu'],
};

/**
 * The device that an engine computes on: the named one, or the best that is here. Throws an `EngineError` where the named one cannot be
 * used: only `auto` takes another, and says so.
 */
export async function chooseDevice(
  engine: EngineKind,
  wanted: DeviceChoice,
  probes: Probes = PROBES,
): Promise<ChosenDevice> {
  return wanted === 'auto' ? bestDevice(engine, probes) : namedDevice(engine, wanted, probes);
}

async function namedDevice(engine: EngineKind, device: Device, probes: Probes): Promise<ChosenDevice> {
  const availability = await probes[engine][device]();
  // ONNX Runtime has its own WebGPU: the package that looks for adapters only helps to name them.
  const mayWork = engine === 'onnx' && device === 'webgpu';
  if (availability.kind === 'unavailable') {
    if (mayWork && availability.help === 'npm install webgpu') {
      return {
        device,
        why: `--device ${device} asks for it; which adapter it is, ${availability.help} tells`,
      };
    }
    throw new EngineError(
      `the ${engine} engine cannot compute on ${device}: ${availability.reason}`,
      `${availability.help}; or let it choose: --device auto`,
    );
  }
  const warning = availability.slow ? ', though it is a program in place of a graphics processor: slow' : '';
  return { device, why: `--device ${device} asks for it${warning}` };
}

async function bestDevice(engine: EngineKind, probes: Probes): Promise<ChosenDevice> {
  const passed: string[] = [];
  const advice: string[] = [];
  for (const device of PREFERRED[engine]) {
    const availability = await probes[engine][device]();
    if (availability.kind === 'ready' && !availability.slow) {
      const others = passed.length === 0 ? '' : `; ${passed.join('; ')}`;
      return {
        device,
        why: `the best of what is here for the ${engine} engine${others}`,
        ...(advice.length === 0 || device !== 'cpu' ? {} : { faster: `a GPU: ${advice.join('; ')}` }),
      };
    }
    if (availability.kind === 'ready') {
      passed.push(`not ${device}: ${availability.on}`);
    } else {
      passed.push(`not ${device}: ${availability.reason}`);
      advice.push(`for ${device} ${availability.help}`);
    }
  }
  throw new EngineError(`the ${engine} engine can compute on nothing here: ${passed.join('; ')}`);
}
