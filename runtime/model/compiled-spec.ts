import { z } from 'zod';

/**
 * `spec.json` of a generated model: the contract between what was compiled and what runs it. Checkpoints hold its model and a recipe.
 *
 * A key that came later than these files has a default: what the compilers did that did not know it. So what they wrote stays readable,
 * and means what it meant. Every other key must be there.
 */

const count = z.int().min(0);
const size = { height: count, width: count };
const interval = z.tuple([z.number(), z.number()]);

const transformer = {
  width: count,
  depth: count,
  heads: count,
  mlpWidth: count,
  qkvBias: z.boolean(),
  qkNorm: z.boolean().default(false),
  layerScale: z.number().default(0),
  dropPath: z.number().default(0),
  dropout: z.number().default(0),
  normEpsilon: z.number(),
  positions: z.enum(['sincos-2d', 'learned', 'none']),
};

const model = z.object({
  name: z.string(),
  description: z.string(),
  image: z.object({ ...size, channels: count, mean: z.array(z.number()), deviation: z.array(z.number()) }),
  patch: z.object({ ...size, pad: z.boolean().default(false), norm: z.boolean().default(false) }),
  accept: z.enum(['exact', 'multiples', 'any']).default('exact'),
  encoder: z.object({ ...transformer, classTokens: count, registers: count.default(0) }),
  decoder: z.object(transformer),
  mask: z.object({
    kind: z.enum(['random', 'block', 'grid', 'regular']),
    ratio: z.number(),
    unit: z.object(size).default({ height: 1, width: 1 }),
    tokensInEncoder: z.boolean().default(false),
  }),
  loss: z.object({
    kind: z.enum(['mse', 'l1']),
    on: z.enum(['masked', 'all']),
    target: z.enum(['pixels', 'normalized-pixels']),
  }),
});

const rates = { baseLearningRate: z.number(), learningRatePer: z.number(), weightDecay: z.number() };

const optimizer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('adamw'), ...rates, betas: interval, epsilon: z.number() }),
  z.object({ kind: z.literal('lars'), ...rates, momentum: z.number(), trust: z.number() }),
  z.object({ kind: z.literal('sgd'), ...rates, momentum: z.number(), nesterov: z.boolean() }),
]);

const augment = z.object({
  crop: interval,
  aspect: interval,
  flip: z.boolean(),
  colorJitter: z.number().default(0),
});

const recipe = z.object({
  name: z.string(),
  epochs: z.number(),
  warmup: z.number(),
  batch: count,
  accumulation: count,
  /** What the step's backward pass computes again rather than keeps. */
  recompute: z.enum(['none', 'blocks']).default('none'),
  /** What a step computes in where the device can; what was compiled before there was a choice computes in float32. */
  precision: z.enum(['float32', 'float16']).default('float32'),
  optimizer,
  schedule: z.enum(['cosine']),
  minimumLearningRate: z.number(),
  /** Largest global norm of the gradients; 0 for no clipping. */
  clip: z.number().default(0),
  /** Decay of the running mean of the parameters; 0 for none. */
  ema: z.number().default(0),
  augment,
  seed: z.number(),
});

const classifierRecipe = recipe.extend({
  augment: augment.extend({
    randAugment: z.object({
      magnitude: z.number(),
      deviation: z.number(),
      increasing: z.boolean(),
      operations: count,
      probability: z.number(),
    }),
    erasing: z.object({ probability: z.number(), area: interval, aspect: interval }),
    mixing: z.object({
      mixup: z.number(),
      cutmix: z.number(),
      probability: z.number(),
      switching: z.number(),
    }),
  }),
  classes: count,
  pooling: z.enum(['mean', 'class-token']),
  layerDecay: z.number(),
  dropPath: z.number(),
  dropout: z.number(),
  labelSmoothing: z.number(),
  classWeights: z.enum(['none', 'balanced']),
  testCrop: z.number(),
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
   * What to feed: pictures [B, C, H, W]; masking noise [B, L]; random factors that leave numbers out; row indices made from the
   * masking (see `runtime/train/masking.ts`); a row of ones; 1 / batch; class targets;
   * what the loss's gradient is multiplied by; what it is multiplied by besides as long as it is in float16; the learning rate;
   * 1 - beta^t of both moments; or, for outputs, what it holds.
   */
  role: z.enum([
    'images',
    'noise',
    'random',
    'index',
    'ones',
    'batch-reciprocal',
    'targets',
    'loss-weight',
    'loss-scale',
    'learning-rate',
    'bias-corrections',
    'loss',
    'prediction',
    'mask',
    'features',
    'logits',
    'state',
    'gradient-total',
  ]),
  /** The name of an `index`; the parameter that a `state` is the next value of. */
  of: z.string().optional(),
  /** Of `random` factors: each is 1 / keep with this probability, and 0 otherwise. */
  keep: z.number().optional(),
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

const activations = {
  /** Bytes of activations that are alive at once at the worst point of the training step, per picture. */
  trainingActivationBytes: count,
  /** The same of a step that recomputes blocks, whether or not this one does. */
  recomputingActivationBytes: count.optional(),
};

const cost = z.object({
  parameters: z.object({ total: count, encoder: count, decoder: count, trainable: count }),
  /** Multiply-accumulates times two of one picture's forward pass, counted as the official code is written. */
  forwardFlops: z.object({ total: count, encoder: count, decoder: count }),
  /** What the compiled training step does for one picture, forward and backward. */
  trainingFlops: count,
  ...activations,
});

/** A classifier on the encoder: all of it trained in fine-tuning, its head alone in linear probing. */
const classifier = z.object({
  cost: z.object({
    parameters: z.object({ total: count, trainable: count }),
    forwardFlops: count,
    trainingFlops: count,
    ...activations,
  }),
  parameters: z.array(parameter),
  graphs: z.object({
    /** Pictures to logits and features. */
    classifier: graph,
    /** Pictures and soft targets to loss, logits, gradients and the next value of each state. */
    gradients: graph,
    /** As that of pretraining. */
    'gradients-float16': graph.optional(),
  }),
});

export const compiledSpecSchema = z.object({
  format: z.literal(1),
  compiler: z.string(),
  /** SHA-256 of the canonical JSON of `model`, less its description. */
  hash: z.string(),
  model,
  /** Tokens of a picture: patches in all, those that the encoder sees in pretraining, class tokens and registers before them. */
  tokens: z.object({ patches: count, visible: count, prefix: count }),
  recipes: z.object({
    pretrain: recipe,
    finetune: classifierRecipe.optional(),
    'linear-probe': classifierRecipe.optional(),
  }),
  parameters: z.array(parameter),
  graphs: z.object({
    encoder: graph,
    'masked-autoencoder': graph,
    'pretrain-gradients': graph,
    /** There for AdamW only. */
    'pretrain-step': graph.optional(),
    /** The same in float16, where the recipe asks for it. Their `gradient-total` is not finite where a gradient is not. */
    'pretrain-gradients-float16': graph.optional(),
    'pretrain-step-float16': graph.optional(),
  }),
  classifiers: z
    .object({ finetune: classifier.optional(), 'linear-probe': classifier.optional() })
    .default({}),
  cost,
});

export type CompiledSpec = z.infer<typeof compiledSpecSchema>;
export type CompiledModel = CompiledSpec['model'];
export type CompiledRecipe = CompiledSpec['recipes']['pretrain'];
export type CompiledClassifierRecipe = NonNullable<CompiledSpec['recipes']['finetune']>;
export type CompiledClassifier = NonNullable<CompiledSpec['classifiers']['finetune']>;
export type CompiledParameter = CompiledSpec['parameters'][number];
export type CompiledGraph = CompiledSpec['graphs']['encoder'];
export type CompiledTensor = CompiledGraph['inputs'][number];
export type Initializer = CompiledParameter['initializer'];
