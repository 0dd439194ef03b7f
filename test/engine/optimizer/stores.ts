import * as tf from '@tensorflow/tfjs';
import { Tensor } from 'onnxruntime-node';
import type { NamedTensor, TrainableParameters } from '../../../runtime/engine/engine.ts';
import { GraphResults } from '../../../runtime/engine/onnx/graph-runner.ts';
import { OnnxRuntime } from '../../../runtime/engine/onnx/onnx-runtime.ts';
import { ParameterStore as OnnxParameterStore } from '../../../runtime/engine/onnx/parameter-store.ts';
import { GpuParameterStore } from '../../../runtime/engine/onnx/webgpu/gpu-parameter-store.ts';
import { GpuTensors } from '../../../runtime/engine/onnx/webgpu/gpu-tensors.ts';
import { openBackend } from '../../../runtime/engine/tfjs/backends.ts';
import { ParameterStore as TfjsParameterStore } from '../../../runtime/engine/tfjs/parameter-store.ts';
import type { CompiledParameter } from '../../../runtime/model/compiled-spec.ts';
import { toOfficialLayout, toStoredLayout } from '../../../runtime/weights/layout.ts';
import { hasTestAdapter } from '../../support/graphics-adapter.ts';

/** An engine's parameters and optimizer, with gradients that a test makes up. */
export interface TestedStore {
  readonly store: TrainableParameters;
  /** Adds gradients, official layout, by parameter name. */
  readonly accumulate: (gradients: ReadonlyMap<string, ArrayLike<number>>) => Promise<void>;
  /** What a forward pass sees of the parameters, official layout. */
  readonly seen: () => Promise<NamedTensor[]>;
  readonly close: () => void | Promise<void>;
}

/** A parameter; matrices are stored with their axes turned, those of more axes as matrices of their first one. */
export function storeParameter(
  name: string,
  shape: number[],
  decay: boolean,
  trainable = true,
): CompiledParameter {
  const permutation = shape.length === 2 ? [1, 0] : [...shape.keys()];
  const [rows = 1, ...columns] = permutation.map((axis) => shape[axis] ?? 1);
  const storedShape =
    shape.length === 1 ? shape : [rows, columns.reduce((product, side) => product * side, 1)];
  return { name, shape, permutation, storedShape, initializer: { kind: 'zeros' }, trainable, decay };
}

type OpenStore = (parameters: readonly CompiledParameter[]) => Promise<TestedStore>;

const onWebgpu: OpenStore = async (parameters) => {
  const runtime = await OnnxRuntime.load('webgpu');
  const store = await GpuParameterStore.create({ name: 'tested', parameters }, runtime);
  const gpu = new GpuTensors(runtime);
  return {
    store,
    accumulate: async (gradients) => {
      store.gradientOutputs();
      const results = [...stored(parameters, gradients)].map(([name, data]) => {
        const dims = parameters.find((parameter) => parameter.name === name)?.storedShape;
        return [`gradient:${name}`, new Tensor('float32', data, dims)] as const;
      });
      await store.keepGradients(new GraphResults(Object.fromEntries(results)));
    },
    seen: async () => {
      const tensors: NamedTensor[] = [];
      for (const parameter of parameters) {
        const tensor = store.feeds[parameter.name];
        if (tensor) tensors.push(official(parameter, await gpu.download(tensor)));
      }
      return tensors;
    },
    close: async () => {
      await store.dispose();
      await gpu.dispose();
    },
  };
};

/** The stores of both engines. */
export const STORES: Readonly<Record<string, OpenStore>> = {
  ...((await hasTestAdapter()) ? { 'onnx on webgpu': onWebgpu } : {}),
  onnx: async (parameters) => {
    const store = new OnnxParameterStore({ name: 'tested', parameters }, Tensor);
    return {
      store,
      accumulate: async (gradients) => {
        const outputs = store.gradientOutputs();
        for (const [name, gradient] of stored(parameters, gradients)) {
          const data = outputs[`gradient:${name}`]?.data;
          if (data instanceof Float32Array) data.set(gradient);
        }
        await store.keepGradients();
      },
      seen: async () => {
        return parameters.map((parameter) => {
          const data = store.feeds[parameter.name]?.data;
          return official(parameter, data instanceof Float32Array ? data : new Float32Array());
        });
      },
      close: () => undefined,
    };
  },
  tfjs: async (parameters) => {
    const backend = await openBackend('cpu');
    const store = new TfjsParameterStore(parameters);
    const variable = (name: string, rows: number, columns: number | undefined): tf.Tensor =>
      columns === undefined ? store.vector(name, rows) : store.matrix(name, rows, columns);
    return {
      store,
      accumulate: async (gradients) => {
        // The gradient of the sum of products with constants is these constants.
        const loss = () => {
          const products = parameters.flatMap(({ name, storedShape: [rows = 1, columns] }) => {
            const gradient = stored(parameters, gradients).get(name);
            if (!gradient) return [];
            const value = variable(name, rows, columns);
            return [tf.sum(tf.mul(value, tf.tensor(gradient, value.shape)))];
          });
          return tf.addN(products).asScalar();
        };
        store.accumulate(loss, 1).dispose();
      },
      seen: async () => {
        return parameters.map((parameter) => {
          const [rows = 1, columns] = parameter.storedShape;
          return official(parameter, Float32Array.from(variable(parameter.name, rows, columns).dataSync()));
        });
      },
      close: () => {
        store.dispose();
        backend.close();
      },
    };
  },
};

function stored(
  parameters: readonly CompiledParameter[],
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): Map<string, Float32Array> {
  return new Map(
    parameters
      .filter(({ trainable }) => trainable)
      .map((parameter) => {
        const official = Float32Array.from(gradients.get(parameter.name) ?? []);
        const data = new Float32Array(official.length);
        toStoredLayout(parameter, official, data);
        return [parameter.name, data];
      }),
  );
}

function official(parameter: CompiledParameter, data: Float32Array): NamedTensor {
  const numbers = new Float32Array(data.length);
  toOfficialLayout(parameter, data, numbers);
  return { name: parameter.name, shape: parameter.shape, data: numbers };
}
