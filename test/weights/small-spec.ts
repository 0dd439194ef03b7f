import type { CompiledParameter, CompiledSpec } from '../../runtime/model/compiled-spec.ts';

const graph = (file: string) => ({ file: `onnx/${file}.onnx`, inputs: [], outputs: [] });

/** A parameter that is stored as PyTorch has it. */
export function parameterOf(
  name: string,
  shape: number[],
  initializer: CompiledParameter['initializer'] = { kind: 'normal', deviation: 0.02 },
): CompiledParameter {
  const trainable = initializer.kind !== 'sincos-2d';
  const permutation = [...shape.keys()];
  return { name, shape, permutation, storedShape: shape, initializer, trainable, decay: shape.length > 1 };
}

/** The spec of a model that is only as complete as weights on disk need it. */
export function smallSpec(): CompiledSpec {
  const transformer = {
    width: 8,
    depth: 1,
    heads: 2,
    mlpWidth: 32,
    qkvBias: true,
    qkNorm: false,
    layerScale: 0,
    dropPath: 0,
    dropout: 0,
    normEpsilon: 1e-6,
    positions: 'sincos-2d' as const,
  };
  return {
    format: 1,
    compiler: 'mae-compiler 0.1.0',
    hash: 'ab'.repeat(32),
    model: {
      name: 'small',
      description: 'a model for tests',
      image: { height: 8, width: 12, channels: 1, mean: [0.5], deviation: [0.25] },
      patch: { height: 4, width: 4, pad: false, norm: false },
      accept: 'exact',
      encoder: { ...transformer, classTokens: 1, registers: 0 },
      decoder: transformer,
      mask: { kind: 'random', ratio: 0.75, unit: { height: 1, width: 1 }, tokensInEncoder: false },
      loss: { kind: 'mse', on: 'masked', target: 'pixels' },
    },
    tokens: { patches: 6, visible: 1, prefix: 1 },
    recipes: {
      pretrain: {
        name: 'mae-pretrain',
        epochs: 10,
        warmup: 1,
        batch: 4,
        accumulation: 1,
        recompute: 'none',
        precision: 'float32',
        optimizer: {
          kind: 'adamw',
          baseLearningRate: 1.5e-4,
          learningRatePer: 256,
          betas: [0.9, 0.95],
          epsilon: 1e-8,
          weightDecay: 0.05,
        },
        schedule: 'cosine',
        minimumLearningRate: 0,
        augment: { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true, colorJitter: 0 },
        clip: 0,
        ema: 0,
        seed: 7,
      },
    },
    parameters: [
      parameterOf('cls_token', [1, 1, 8]),
      parameterOf('pos_embed', [1, 7, 8], { kind: 'sincos-2d', height: 2, width: 3, prefix: 1 }),
      parameterOf('patch_embed.proj.weight', [8, 1, 4, 4], { kind: 'xavier-uniform', fanIn: 16, fanOut: 8 }),
      parameterOf('patch_embed.proj.bias', [8], { kind: 'zeros' }),
      parameterOf('norm.weight', [8], { kind: 'ones' }),
      parameterOf('blocks.0.attn.qkv.weight', [24, 8], { kind: 'xavier-uniform', fanIn: 8, fanOut: 24 }),
    ],
    graphs: {
      encoder: graph('encoder'),
      'masked-autoencoder': graph('masked-autoencoder'),
      'pretrain-gradients': graph('pretrain-gradients'),
      'pretrain-step': graph('pretrain-step'),
    },
    classifiers: {},
    cost: {
      parameters: { total: 400, encoder: 400, decoder: 0, trainable: 344 },
      forwardFlops: { total: 1, encoder: 1, decoder: 0 },
      trainingFlops: 3,
      trainingActivationBytes: 1,
    },
  };
}
