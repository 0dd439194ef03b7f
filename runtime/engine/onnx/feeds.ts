import type { TensorConstructor } from 'onnxruntime-node';
import type { CompiledGraph, CompiledTensor } from '../../model/compiled-spec.ts';
import { type Masking, maskingIndices } from '../../train/masking.ts';
import { type DropFactors, factorsFor } from '../drop-factors.ts';
import { EngineError } from '../engine.ts';
import type { Feeds } from './onnx-runtime.ts';

/** What a graph's own inputs are filled from; parameters are fed by the engine. */
export interface FeedSources {
  readonly size: number;
  readonly images: Float32Array;
  readonly masking?: Masking;
  /** [size, classes]. */
  readonly targets?: Float32Array;
  readonly drops?: DropFactors;
  /** Tokens before the patches. */
  readonly prefix: number;
  /** What the loss's gradient is multiplied by. */
  readonly lossWeight?: number;
  /** What it is multiplied by besides in a graph that computes in float16. */
  readonly lossScale?: number;
  /** Of a graph with AdamW inside. */
  readonly learningRate?: number;
  readonly biasCorrections?: readonly number[];
}

type Fill = (sources: FeedSources, input: CompiledTensor) => Float32Array | Int32Array;

/** How each kind of input is made. A graph asks for no other kinds here. */
const FILLS: Partial<Record<CompiledTensor['role'], Fill>> = {
  images: ({ images }) => images,
  noise: ({ masking }) => noiseOf(required(masking)),
  random: ({ drops }, input) => factorsFor(input, drops),
  targets: ({ targets }) => requiredTargets(targets),
  ones: ({ size }, { shape }) => new Float32Array(elements(shape, size)).fill(1),
  'batch-reciprocal': ({ size }) => Float32Array.of(1 / size),
  'loss-weight': ({ lossWeight = 1 }) => Float32Array.of(lossWeight),
  'loss-scale': ({ lossScale = 1 }) => Float32Array.of(lossScale),
  'learning-rate': ({ learningRate }) => Float32Array.from(learningRate === undefined ? [] : [learningRate]),
  'bias-corrections': ({ biasCorrections = [] }) => Float32Array.from(biasCorrections),
};

/** The feeds of a graph for one batch. */
export function graphFeeds(Tensor: TensorConstructor, graph: CompiledGraph, sources: FeedSources): Feeds {
  const indices = sources.masking && maskingIndices(sources.masking, sources.prefix);
  const feeds: Feeds = {};
  for (const input of graph.inputs) {
    const data = input.role === 'index' ? indexOf(indices, input) : fillOf(input)(sources, input);
    const dims = input.shape.map((dimension) => concrete(dimension, sources.size));
    const expected = dims.reduce((product, side) => product * side, 1);
    if (data.length !== expected) {
      throw new EngineError(
        `${input.name} has ${data.length} numbers; a batch of ${sources.size} needs ${expected}`,
      );
    }
    feeds[input.name] =
      data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('int32', data, dims);
  }
  return feeds;
}

function fillOf(input: CompiledTensor): Fill {
  const fill = FILLS[input.role];
  if (!fill)
    throw new EngineError(`the compiled graph asks for ${input.name}, which this engine does not know`);
  return fill;
}

function indexOf(
  indices: Readonly<Record<string, Int32Array>> | undefined,
  input: CompiledTensor,
): Int32Array {
  const index = indices?.[input.of ?? ''];
  if (!index)
    throw new EngineError(`the compiled graph asks for the row numbers ${input.name}, which are unknown`);
  return index;
}

/** Noise whose ascending order is the masking's: each patch's rank. Exact in float32 up to 2^24 patches. */
function noiseOf({ restore }: Masking): Float32Array {
  return Float32Array.from(restore);
}

function required(masking: Masking | undefined): Masking {
  if (!masking) throw new EngineError('this graph needs a masking');
  return masking;
}

function requiredTargets(targets: Float32Array | undefined): Float32Array {
  if (!targets) throw new EngineError('this graph needs targets');
  return targets;
}

function concrete(dimension: CompiledTensor['shape'][number], size: number): number {
  return typeof dimension === 'number' ? dimension : dimension.perExample * size;
}

function elements(shape: CompiledTensor['shape'], size: number): number {
  return shape.reduce<number>((product, dimension) => product * concrete(dimension, size), 1);
}
