import type { Device } from '../device.ts';
import type { GraphParameters } from './graph-parameters.ts';
import type { OnnxRuntime } from './onnx-runtime.ts';
import { ParameterStore, type StoredModel } from './parameter-store.ts';

export type OpenParameters = (model: StoredModel, runtime: OnnxRuntime) => Promise<GraphParameters>;

const onHost: OpenParameters = async (model, runtime) => new ParameterStore(model, runtime.Tensor);

/** Where each device's graphs have their parameters. CUDA's are fed from the host, and the optimizer is there, too. */
const STORES: Readonly<Record<Device, OpenParameters>> = {
  cpu: onHost,
  cuda: onHost,
  webgpu: async (model, runtime) => {
    const { GpuParameterStore } = await import('./webgpu/gpu-parameter-store.ts');
    return GpuParameterStore.create(model, runtime);
  },
};

export function openParameters(model: StoredModel, runtime: OnnxRuntime): Promise<GraphParameters> {
  return STORES[runtime.device](model, runtime);
}
