import { z } from 'zod';

/** `spec.json` of a generated model: the contract between what was compiled and what runs it. */

const count = z.int().min(0);
const size = { height: count, width: count };
const interval = z.tuple([z.number(), z.number()]);

const transformer = {
  width: count,
  depth: count,
  heads: count,
  mlpWidth: count,
  qkvBias: z.boolean(),
  qkNorm: z.boolean(),
  layerScale: z.number(),
  normEpsilon: z.number(),
  positions: z.enum(['sincos-2d', 'learned', 'none']),
};

const model = z.object({
  name: z.string(),
  description: z.string(),
  image: z.object({ ...size, channels: count, mean: z.array(z.number()), deviation: z.array(z.number()) }),
  patch: z.object(size),
  encoder: z.object({ ...transformer, classTokens: count, registers: count }),
  decoder: z.object(transformer),
  mask: z.object({
    kind: z.enum(['random', 'block', 'grid', 'regular']),
    ratio: z.number(),
    unit: z.object(size),
    tokensInEncoder: z.boolean(),
  }),
  loss: z.object({
    kind: z.enum(['mse', 'l1']),
    on: z.enum(['masked', 'all']),
    target: z.enum(['pixels', 'normalized-pixels']),
  }),
});

const recipe = z.object({
  name: z.string(),
  epochs: z.number(),
  warmup: z.number(),
  batch: count,
  accumulation: count,
  optimizer: z.object({
    kind: z.enum(['adamw']),
    baseLearningRate: z.number(),
    learningRatePer: z.number(),
    betas: interval,
    epsilon: z.number(),
    weightDecay: z.number(),
  }),
  schedule: z.enum(['cosine']),
  minimumLearningRate: z.number(),
  augment: z.object({ crop: interval, aspect: interval, flip: z.boolean() }),
  seed: z.number(),
});

const initializer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('zeros') }),
  z.object({ kind: z.literal('ones') }),
  z.object({ kind: z.literal('constant'), value: z.number() }),
  z.object({ kind: z.literal('normal'), deviation: z.number() }),
  z.object({ kind: z.literal('truncated-normal'), deviation: z.number() }),
  /** Uniform in ±sqrt(6 / (fanIn + fanOut)). */
  z.object({ kind: z.literal('xavier-uniform'), fanIn: count, fanOut: count }),
  /** Fixed 2-D sine-cosine table, the column index first; `prefix` leading rows of zeros for the class token. */
  z.object({ kind: z.literal('sincos-2d'), ...size, prefix: count }),
]);

const parameter = z.object({
  /** Official name, as in PyTorch's state dict. */
  name: z.string(),
  /** Official shape, as in PyTorch. */
  shape: z.array(count),
  /**
   * How the engines hold it: the official tensor's axes in this order, row-major, seen as `storedShape`.
   * [1, 0] is a transposed matrix.
   */
  permutation: z.array(count),
  storedShape: z.array(count),
  initializer,
  trainable: z.boolean(),
  /** Whether the optimizer's weight decay applies (official rule: not to 1-D parameters and biases). */
  decay: z.boolean(),
});

const dimension = z.union([count, z.object({ perExample: count })]);

const tensor = z.object({
  name: z.string(),
  type: z.enum(['float32', 'int32']),
  /** A number, or so many per picture of the batch. */
  shape: z.array(dimension),
  /**
   * What to feed: pictures [B, C, H, W]; masking noise [B, L]; row indices made from the
   * masking (see `runtime/train/masking.ts`); a row of ones; 1 / batch; class targets;
   * what the loss's gradient is multiplied by; the learning rate; 1 - beta^t of both moments; or, for outputs, what it holds.
   */
  role: z.enum([
    'images',
    'noise',
    'index',
    'ones',
    'batch-reciprocal',
    'targets',
    'loss-weight',
    'learning-rate',
    'bias-corrections',
    'loss',
    'prediction',
    'mask',
    'features',
    'logits',
  ]),
  /** The name of an `index`. */
  of: z.string().optional(),
});

/**
 * One .onnx file. Beside the inputs and outputs listed here, each graph takes every parameter as an input of its name, in
 * its stored shape. `pretrain-gradients` yields `gradient:NAME` of each trainable one; `pretrain-step` takes
 * `first-moment:NAME` and `second-moment:NAME` and yields `next:NAME`, `next-first-moment:NAME`, `next-second-moment:NAME`.
 */
const graph = z.object({
  /** Path of the .onnx file, relative to spec.json. */
  file: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
});

const cost = z.object({
  parameters: z.object({ total: count, encoder: count, decoder: count, trainable: count }),
  /** Multiply-accumulates times two of one picture's forward pass, counted as the official code is written. */
  forwardFlops: z.object({ total: count, encoder: count, decoder: count }),
  /** What the compiled training step does for one picture, forward and backward. */
  trainingFlops: count,
  /** Bytes of activations that are alive at once at the worst point of the training step, per picture. */
  trainingActivationBytes: count,
});

export const compiledSpecSchema = z.object({
  format: z.literal(1),
  compiler: z.string(),
  /** SHA-256 of the canonical JSON of `model`, less its description. */
  hash: z.string(),
  model,
  /** Tokens of a picture: patches in all, those that the encoder sees in pretraining, class tokens and registers before them. */
  tokens: z.object({ patches: count, visible: count, prefix: count }),
  recipes: z.object({ pretrain: recipe }),
  parameters: z.array(parameter),
  graphs: z.object({
    encoder: graph,
    'masked-autoencoder': graph,
    'pretrain-gradients': graph,
    'pretrain-step': graph,
  }),
  cost,
});

export type CompiledSpec = z.infer<typeof compiledSpecSchema>;
export type CompiledModel = CompiledSpec['model'];
export type CompiledRecipe = CompiledSpec['recipes']['pretrain'];
export type CompiledParameter = CompiledSpec['parameters'][number];
export type CompiledGraph = CompiledSpec['graphs']['encoder'];
export type CompiledTensor = CompiledGraph['inputs'][number];
export type Initializer = CompiledParameter['initializer'];
