import type { ClassifierRecipe, ModelSpec, TransformerSpec } from '../../compiler/language/model-spec.ts';

export interface SpecOptions {
  readonly name?: string;
  readonly image?: readonly [height: number, width: number, channels: number];
  readonly patch?: readonly [height: number, width: number];
  readonly encoder?: readonly [width: number, depth: number, heads: number];
  readonly decoder?: readonly [width: number, depth: number, heads: number];
  readonly mlpRatio?: number;
  readonly maskRatio?: number;
  readonly target?: ModelSpec['loss']['target'];
  readonly classTokens?: number;
  readonly registers?: number;
  readonly qkNorm?: boolean;
  readonly layerScale?: number;
  readonly positions?: ModelSpec['encoder']['positions'];
  readonly loss?: Pick<ModelSpec['loss'], 'kind' | 'on'>;
  readonly qkvBias?: boolean;
  readonly mask?: Partial<ModelSpec['mask']>;
  readonly pad?: boolean;
  readonly patchNorm?: boolean;
  readonly accept?: ModelSpec['accept'];
  readonly dropPath?: number;
  readonly dropout?: number;
  readonly finetune?: Partial<ClassifierRecipe>;
  readonly linearProbe?: Partial<ClassifierRecipe>;
}

/** A checked model as the language would yield it: by default a network of a few thousand parameters. */
export function modelSpec(options: SpecOptions = {}): ModelSpec {
  const { name = 'small', image = [16, 16, 3], patch = [4, 4], mlpRatio = 4, maskRatio = 0.75 } = options;
  const {
    encoder = [16, 2, 2],
    decoder = [8, 1, 2],
    target = 'pixels',
    classTokens = 1,
    registers = 0,
    qkvBias = true,
    qkNorm = false,
    layerScale = 0,
    positions = 'sincos-2d',
    loss = { kind: 'mse', on: 'masked' },
    mask = {},
    pad = false,
    patchNorm = false,
    accept = 'exact',
    dropPath = 0,
    dropout = 0,
  } = options;
  const [height, width, channels] = image;
  const stack = ([stackWidth, depth, heads]: readonly [number, number, number]): TransformerSpec => ({
    width: stackWidth,
    depth,
    heads,
    mlpWidth: stackWidth * mlpRatio,
    qkvBias,
    qkNorm,
    layerScale,
    dropPath,
    dropout,
    normEpsilon: 1e-6,
    positions,
  });
  const channelValues = (value: number) => new Array<number>(channels).fill(value);
  return {
    name,
    description: 'A model for tests.',
    image: { height, width, channels, mean: channelValues(0.5), deviation: channelValues(0.5) },
    patch: { height: patch[0], width: patch[1], pad, norm: patchNorm },
    accept,
    encoder: { ...stack(encoder), classTokens, registers },
    decoder: stack(decoder),
    mask: {
      kind: 'random',
      ratio: maskRatio,
      unit: { height: 1, width: 1 },
      tokensInEncoder: false,
      ...mask,
    },
    loss: { ...loss, target },
    pretrain: PRETRAIN,
    ...(options.finetune ? { finetune: { ...CLASSIFY, ...options.finetune } } : {}),
    ...(options.linearProbe ? { linearProbe: { ...CLASSIFY, ...options.linearProbe } } : {}),
    spans: new Map(),
    source: 'test.mae',
  };
}

const PRETRAIN: ModelSpec['pretrain'] = {
  name: 'test',
  epochs: 2,
  warmup: 1,
  batch: 4,
  accumulation: 1,
  recompute: 'none',
  precision: 'float32',
  optimizer: {
    kind: 'adamw',
    baseLearningRate: 1e-3,
    learningRatePer: 256,
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    weightDecay: 0.05,
  },
  schedule: 'cosine',
  minimumLearningRate: 0,
  clip: 0,
  ema: 0,
  augment: { crop: [0.2, 1], aspect: [3 / 4, 4 / 3], flip: true, colorJitter: 0 },
  seed: 0,
};

/** A recipe of a classifier without any extra. */
const CLASSIFY: ClassifierRecipe = {
  ...PRETRAIN,
  name: 'test-classify',
  augment: {
    ...PRETRAIN.augment,
    randAugment: { magnitude: 0, deviation: 0.5, increasing: true, operations: 2, probability: 0.5 },
    erasing: { probability: 0, area: [0.02, 1 / 3], aspect: [0.3, 10 / 3] },
    mixing: { mixup: 0, cutmix: 0, probability: 1, switching: 0.5 },
  },
  classes: 5,
  pooling: 'mean',
  layerDecay: 1,
  dropPath: 0,
  dropout: 0,
  labelSmoothing: 0,
  classWeights: 'none',
  testCrop: 0.875,
};

/** The official sizes (He et al. 2022). */
export const OFFICIAL: Readonly<Record<'base' | 'large' | 'huge', SpecOptions>> = {
  base: { image: [224, 224, 3], patch: [16, 16], encoder: [768, 12, 12], decoder: [512, 8, 16] },
  large: { image: [224, 224, 3], patch: [16, 16], encoder: [1024, 24, 16], decoder: [512, 8, 16] },
  huge: { image: [224, 224, 3], patch: [14, 14], encoder: [1280, 32, 16], decoder: [512, 8, 16] },
};
