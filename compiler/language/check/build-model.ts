import type {
  EncoderSpec,
  ImageSpec,
  LossSpec,
  MaskSpec,
  ModelSpec,
  PatchSpec,
  Pooling,
  TransformerSpec,
} from '../model-spec.ts';
import {
  acceptedSizes,
  lossKinds,
  lossPlaces,
  lossTargets,
  maskKinds,
  positionKinds,
} from '../schema/model-keys.ts';
import type { Span } from '../span.ts';
import { buildClassifierRecipe, buildRecipe } from './build-recipe.ts';
import type { Configuration } from './configuration.ts';
import { hiddenWidth } from './model-rules.ts';
import { present } from './present.ts';

/** What of a model is no setting. */
export interface ModelIdentity {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly spans: ReadonlyMap<string, Span>;
  readonly formerName?: string;
}

/** The spec of a model that has no mistakes; throws if a value is missing, since that should have been reported. */
export function buildModel(identity: ModelIdentity, model: Configuration): ModelSpec {
  const encoder = buildEncoder(model.within('encoder'));
  return {
    ...identity,
    image: buildImage(model),
    patch: buildPatch(model),
    accept: present(model.choice('accept', acceptedSizes)),
    encoder,
    decoder: buildTransformer(model.within('decoder')),
    mask: buildMask(model),
    loss: buildLoss(model),
    pretrain: buildRecipe(model.name('pretrain') ?? `${identity.name}-pretrain`, model.within('pretrain')),
    ...buildClassifiers(identity.name, model, encoder),
  };
}

/** The classifiers that the model asks for. */
function buildClassifiers(
  name: string,
  model: Configuration,
  { classTokens, dropPath, dropout }: EncoderSpec,
): Pick<ModelSpec, 'finetune' | 'linearProbe'> {
  const build = (key: 'finetune' | 'linear-probe', pooling: Pooling) =>
    buildClassifierRecipe(model.name(key) ?? `${name}-${key}`, model.within(key), {
      pooling,
      dropPath,
      dropout,
    });
  return {
    ...(model.isSet('finetune') ? { finetune: build('finetune', 'mean') } : {}),
    ...(model.isSet('linear-probe')
      ? { linearProbe: build('linear-probe', classTokens > 0 ? 'class-token' : 'mean') }
      : {}),
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

function buildPatch(model: Configuration): PatchSpec {
  const [height, width] = present(model.numbers('patch'));
  return {
    height: present(height),
    width: present(width),
    pad: present(model.flag('patch.pad')),
    norm: present(model.flag('patch.norm')),
  };
}

function buildEncoder(encoder: Configuration): EncoderSpec {
  return {
    ...buildTransformer(encoder),
    classTokens: present(encoder.number('class-token')),
    registers: present(encoder.number('registers')),
  };
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
    dropPath: present(transformer.number('drop-path')),
    dropout: present(transformer.number('dropout')),
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
