import { readFile } from 'node:fs/promises';
import type { InferenceSession, TensorConstructor } from 'onnxruntime-node';
import type { CompiledSpec } from '../../model/compiled-spec.ts';
import { graphPath } from '../../model/load-spec.ts';
import { toStoredLayout } from '../../weights/layout.ts';
import { EngineError, type NamedTensor } from '../engine.ts';
import { graphFeeds } from './feeds.ts';
import { cutEncoder } from './layer-output.ts';
import { type Feeds, OnnxRuntime } from './onnx-runtime.ts';

export interface LayerEncoderOptions {
  readonly spec: CompiledSpec;
  /** Folder of spec.json. */
  readonly directory: string;
  /** How many blocks a picture goes through, from 1. */
  readonly layer: number;
  /** Every parameter of the model. */
  readonly weights: readonly NamedTensor[];
  readonly threads?: number;
}

/** The features of a block in the middle of the encoder, without a norm behind it. */
export interface LayerEncoder {
  readonly description: string;
  /** [size, tokens, width], as `PretrainingEngine.features`. */
  features(images: Float32Array, size: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Opens the first blocks of a compiled encoder in ONNX Runtime. Throws an `EngineError` for a layer that it does not have. */
export async function openLayerEncoder(options: LayerEncoderOptions): Promise<LayerEncoder> {
  const { spec, directory, layer, weights, threads } = options;
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
  const runtime = await OnnxRuntime.load('cpu', threads);
  const { Tensor } = runtime;
  const session = await runtime.open(bytes, { name: `encoder to block ${layer}` });
  const parameters = storedParameters(options.spec, weights, session, Tensor);
  return {
    description: `${runtime.describe()}, float32, the first ${layer} of ${depth} blocks`,
    async features(images, size) {
      const feeds = graphFeeds(Tensor, graph, { images, size, prefix: spec.tokens.prefix });
      const results = await session.run({ ...parameters, ...feeds }, [output]);
      const data = results[output]?.data;
      if (!(data instanceof Float32Array)) throw new EngineError(`the encoder yielded no ${output}`);
      return data;
    },
    dispose: () => session.release(),
  };
}

/** The parameters that are still inputs, in their stored layout. */
function storedParameters(
  { parameters }: CompiledSpec,
  weights: readonly NamedTensor[],
  { inputNames }: InferenceSession,
  Tensor: TensorConstructor,
): Feeds {
  const values = new Map(weights.map(({ name, data }) => [name, data]));
  const feeds: Feeds = {};
  for (const parameter of parameters) {
    const official = values.get(parameter.name);
    if (!inputNames.includes(parameter.name) || official === undefined) continue;
    const stored = new Float32Array(official.length);
    toStoredLayout(parameter, official, stored);
    feeds[parameter.name] = new Tensor('float32', stored, parameter.storedShape);
  }
  return feeds;
}
