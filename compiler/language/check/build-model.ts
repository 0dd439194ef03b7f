import type {
  AdamWSpec,
  AugmentSpec,
  ImageSpec,
  LossSpec,
  MaskSpec,
  ModelSpec,
  Recipe,
  Size,
  TransformerSpec,
} from '../model-spec.ts';
import { lossKinds, lossPlaces, lossTargets, maskKinds, positionKinds } from '../schema/model-keys.ts';
import { optimizerKinds, scheduleKinds } from '../schema/recipe-keys.ts';
import type { Span } from '../span.ts';
import type { Configuration } from './configuration.ts';
import { hiddenWidth } from './model-rules.ts';

/** What of a model is no setting. */
export interface ModelIdentity {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly spans: ReadonlyMap<string, Span>;
}

/** The spec of a model that has no mistakes; throws if a value is missing, since that should have been reported. */
export function buildModel(identity: ModelIdentity, model: Configuration): ModelSpec {
  const encoder = model.within('encoder');
  return {
    ...identity,
    image: buildImage(model),
    patch: buildPatch(model),
    encoder: {
      ...buildTransformer(encoder),
      classTokens: present(encoder.number('class-token')),
      registers: present(encoder.number('registers')),
    },
    decoder: buildTransformer(model.within('decoder')),
    mask: buildMask(model),
    loss: buildLoss(model),
    pretrain: buildRecipe(model.name('pretrain') ?? `${identity.name}-pretrain`, model.within('pretrain')),
  };
}

const imageNetMean = [0.485, 0.456, 0.406];
const imageNetDeviation = [0.229, 0.224, 0.225];

function buildImage(model: Configuration): ImageSpec {
  const [height, width, last] = present(model.numbers('image'));
  const channels = present(last);
  const statistics = (key: string, imageNet: readonly number[]) =>
    model.numbers(`image.${key}`) ?? (channels === 3 ? imageNet : new Array<number>(channels).fill(0.5));
  return {
    height: present(height),
    width: present(width),
    channels,
    mean: statistics('mean', imageNetMean),
    deviation: statistics('deviation', imageNetDeviation),
  };
}

function buildPatch(model: Configuration): Size {
  const [height, width] = present(model.numbers('patch'));
  return { height: present(height), width: present(width) };
}

function buildTransformer(transformer: Configuration): TransformerSpec {
  const width = present(transformer.number('width'));
  const mlp = present(transformer.numberOrMultiple('mlp'));
  return {
    width,
    depth: present(transformer.number('depth')),
    heads: present(transformer.number('heads')),
    mlpWidth: typeof mlp === 'number' ? mlp : present(hiddenWidth(width, mlp.factor)),
    qkvBias: present(transformer.flag('qkv-bias')),
    qkNorm: present(transformer.flag('qk-norm')),
    layerScale: present(transformer.number('layer-scale')),
    normEpsilon: present(transformer.number('norm-eps')),
    positions: present(transformer.choice('positions', positionKinds)),
  };
}

function buildMask(model: Configuration): MaskSpec {
  const [height, width] = present(model.numbers('mask.unit'));
  return {
    kind: present(model.choice('mask', maskKinds)),
    ratio: present(model.number('mask', 'ratio')),
    unit: { height: present(height), width: present(width) },
    tokensInEncoder: present(model.flag('mask.tokens-in-encoder')),
  };
}

function buildLoss(model: Configuration): LossSpec {
  return {
    kind: present(model.choice('loss', lossKinds)),
    on: present(model.choice('loss.on', lossPlaces)),
    target: present(model.choice('loss.target', lossTargets)),
  };
}

function buildRecipe(name: string, recipe: Configuration): Recipe {
  return {
    name,
    epochs: present(recipe.number('epochs')),
    warmup: present(recipe.number('warmup')),
    batch: present(recipe.number('batch')),
    accumulation: present(recipe.number('accumulate')),
    optimizer: buildOptimizer(recipe),
    schedule: present(recipe.choice('schedule', scheduleKinds)),
    minimumLearningRate: present(recipe.number('schedule.minimum-lr')),
    augment: buildAugment(recipe),
    seed: present(recipe.number('seed')),
  };
}

function buildOptimizer(recipe: Configuration): AdamWSpec {
  const optimizer = recipe.within('optimizer');
  return {
    kind: present(recipe.choice('optimizer', optimizerKinds)),
    baseLearningRate: present(optimizer.number('lr', 'rate')),
    learningRatePer: present(optimizer.number('lr', 'batch')),
    betas: [present(optimizer.number('betas', 'first')), present(optimizer.number('betas', 'second'))],
    epsilon: present(optimizer.number('epsilon')),
    weightDecay: present(optimizer.number('weight-decay')),
  };
}

function buildAugment(recipe: Configuration): AugmentSpec {
  const augment = recipe.within('augment');
  return {
    crop: interval(augment.numbers('crop')),
    aspect: interval(augment.numbers('aspect')),
    flip: present(augment.flag('flip')),
  };
}

function interval(ends: readonly number[] | undefined): [number, number] {
  const [low, high] = present(ends);
  return [present(low), present(high)];
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a checked model lacks a value');
  return value;
}
