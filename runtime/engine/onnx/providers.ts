import type { InferenceSession } from 'onnxruntime-node';
import type { Device } from '../device.ts';
import { EngineError } from '../engine.ts';
import { deviceError } from '../webgpu/device-error.ts';

/** How ONNX Runtime computes on a device. */
interface Provider {
  readonly executionProviders: InferenceSession.SessionOptions['executionProviders'] & object;
  /** For the engine's description. `adapter` is the name of the graphics adapter, where it is known. */
  readonly label: (threads: number, adapter: string | undefined) => string;
  /** What a session that does not open means; `undefined` where the graph is to blame. */
  readonly explainOpening: (message: string) => EngineError | undefined;
  readonly explainRun: (what: string, message: string) => EngineError;
}

const SMALLER_BATCH =
  'if memory ran out, use a smaller --batch, or the same batch with a larger --accumulation';

export const PROVIDERS: Readonly<Record<Device, Provider>> = {
  cpu: {
    executionProviders: ['cpu'],
    label: (threads) => `on the CPU, ${threads} thread${threads === 1 ? '' : 's'}`,
    explainOpening: () => undefined,
    explainRun: (what, message) => new EngineError(`${what}: ${message}`, SMALLER_BATCH),
  },
  webgpu: {
    executionProviders: ['webgpu'],
    label: (_, adapter) => `on WebGPU, ${adapter ?? 'on the adapter that it prefers'}`,
    explainOpening: (message) =>
      /adapter|webgpu.*not supported/i.test(message)
        ? new EngineError(
            `ONNX Runtime finds no graphics adapter for WebGPU: ${message}`,
            "install the graphics card's driver, on Linux with its Vulkan part and libvulkan1, or use --device cpu",
          )
        : undefined,
    explainRun: (what, message) => deviceError(`${what} on the graphics device: ${message}`),
  },
  cuda: {
    executionProviders: ['cuda', 'cpu'],
    label: () => 'on CUDA, with the optimizer on the CPU',
    explainOpening: (message) =>
      /cuda|cudnn|cublas|providers_shared/i.test(message)
        ? new EngineError(
            `ONNX Runtime cannot use CUDA: ${message}`,
            'install the CUDA libraries that its provider asks for, or use --device webgpu or cpu',
          )
        : undefined,
    explainRun: (what, message) => new EngineError(`${what} on CUDA: ${message}`, SMALLER_BATCH),
  },
};
