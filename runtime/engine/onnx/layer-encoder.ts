import { readFile } from 'node:fs/promises';
import type { InferenceSession } from 'onnxruntime-node';
import type { CompiledSpec } from '../../model/compiled-spec.ts';
import { graphPath } from '../../model/load-spec.ts';
import type { ChosenDevice, Device } from '../device.ts';
import { EngineError, type NamedTensor } from '../engine.ts';
import { graphFeeds } from './feeds.ts';
import type { GraphParameters } from './graph-parameters.ts';
import { describeRuntime, GraphResults } from './graph-runner.ts';
import { cutEncoder } from './layer-output.ts';
import { OnnxRuntime } from './onnx-runtime.ts';
import { openParameters } from './open-parameters.ts';

export interface LayerEncoderOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json. */
  readonly directory: string;
  /** How many blocks a picture goes through, from 1. */
  readonly layer: number;
  /** Every parameter of the model. */
  readonly weights: readonly NamedTensor[];
  readonly threads?: number;
  /** The CPU unless given. */
  readonly device?: Device;
}

/** The features of a block in the middle of the encoder, without a norm behind it. */
export interface LayerEncoder {
  readonly description: string;
  /** Why it computes where it does, where that was a choice. */
  readonly choice?: ChosenDevice;
  /** [size, tokens, width], as `PretrainingEngine.features`. */
  features(images: Float32Array, size: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Opens the first blocks of a compiled encoder in ONNX Runtime. Throws an `EngineError` for a layer that it does not have, and where the
 * device cannot be used.
 */
export async function openLayerEncoder(options: LayerEncoderOptions): Promise<LayerEncoder> {
  const { spec, directory, layer, threads, device = 'cpu' } = options;
  const { depth } = spec.model.encoder;
  if (layer > depth) {
    throw new EngineError(
      `${spec.model.name} has ${depth} blocks, not ${layer}`,
      `choose a layer from 1 to ${depth}`,
    );
  }
  const graph = spec.graphs.encoder;
  const path = await graphPath(directory, spec, { name: 'encoder', graph });
  const { bytes, output } = cutEncoder(await readFile(path), layer - 1);
  const runtime = await OnnxRuntime.load(device, threads);
  const name = `encoder to block ${layer}`;
  const session = await runtime.open(bytes, { name });
  const store = await loadedParameters(options, session, runtime);
  return {
    description: `${await describeRuntime(runtime)}, float32, the first ${layer} of ${depth} blocks`,
    async features(images, size) {
      const feeds = graphFeeds(runtime.Tensor, graph, { images, size, prefix: spec.tokens.prefix });
      const results = await session.run({ ...store.feeds, ...feeds }, [output]).catch((error: unknown) => {
        throw runtime.explainRun(`the ${name} failed on a batch of ${size}`, error);
      });
      return new GraphResults(results).floats(output);
    },
    async dispose() {
      await store.dispose();
      await session.release();
    },
  };
}

/** The parameters that the blocks take, where the device's graphs have them. None is trained. */
async function loadedParameters(
  { spec, weights }: LayerEncoderOptions,
  { inputNames }: InferenceSession,
  runtime: OnnxRuntime,
): Promise<GraphParameters> {
  const taken = new Set(inputNames);
  const parameters = spec.parameters.flatMap((parameter) =>
    taken.has(parameter.name) ? [{ ...parameter, trainable: false }] : [],
  );
  const store = await openParameters({ name: spec.model.name, parameters }, runtime);
  await store.loadParameters(weights);
  return store;
}
