import type {
  AugmentSpec,
  ClassifierAugmentSpec,
  ClassifierRecipe,
  OptimizerSpec,
  Pooling,
  Recipe,
} from '../model-spec.ts';
import { classWeightKinds, poolingKinds } from '../schema/classifier-keys.ts';
import { optimizerKinds, precisionKinds, recomputeKinds, scheduleKinds } from '../schema/recipe-keys.ts';
import type { Configuration } from './configuration.ts';
import { interval, present } from './present.ts';

/** What a classifier's recipe takes from the model where it says nothing itself. */
export interface ClassifierDefaults {
  readonly pooling: Pooling;
  readonly dropPath: number;
  readonly dropout: number;
}

/** The recipe of pretraining. */
export function buildRecipe(name: string, recipe: Configuration): Recipe {
  return {
    name,
    epochs: present(recipe.number('epochs')),
    warmup: present(recipe.number('warmup')),
    batch: present(recipe.number('batch')),
    accumulation: present(recipe.number('accumulate')),
    recompute: present(recipe.choice('recompute', recomputeKinds)),
    precision: present(recipe.choice('precision', precisionKinds)),
    optimizer: buildOptimizer(recipe),
    schedule: present(recipe.choice('schedule', scheduleKinds)),
    minimumLearningRate: present(recipe.number('schedule.minimum-lr')),
    clip: present(recipe.number('clip')),
    ema: present(recipe.number('ema')),
    augment: buildAugment(recipe.within('augment')),
    seed: present(recipe.number('seed')),
  };
}

/** The recipe of fine-tuning or of linear probing. */
export function buildClassifierRecipe(
  name: string,
  recipe: Configuration,
  defaults: ClassifierDefaults,
): ClassifierRecipe {
  const { seed, ...training } = buildRecipe(name, recipe);
  return {
    ...training,
    augment: buildClassifierAugment(recipe.within('augment')),
    classes: present(recipe.number('classes')),
    pooling: recipe.choice('pooling', poolingKinds) ?? defaults.pooling,
    layerDecay: present(recipe.number('layer-decay')),
    dropPath: recipe.number('drop-path') ?? defaults.dropPath,
    dropout: recipe.number('dropout') ?? defaults.dropout,
    labelSmoothing: present(recipe.number('label-smoothing')),
    classWeights: present(recipe.choice('class-weights', classWeightKinds)),
    testCrop: present(recipe.number('test-crop')),
    seed,
  };
}

const ADAMW_DECAY = 0.05;

function buildOptimizer(recipe: Configuration): OptimizerSpec {
  const optimizer = recipe.within('optimizer');
  const kind = present(recipe.choice('optimizer', optimizerKinds));
  const rate = {
    baseLearningRate: present(optimizer.number('lr', 'rate')),
    learningRatePer: present(optimizer.number('lr', 'batch')),
  };
  const weightDecay = optimizer.number('weight-decay') ?? (kind === 'adamw' ? ADAMW_DECAY : 0);
  const momentum = present(optimizer.number('momentum'));
  switch (kind) {
    case 'adamw':
      return {
        kind,
        ...rate,
        betas: [present(optimizer.number('betas', 'first')), present(optimizer.number('betas', 'second'))],
        epsilon: present(optimizer.number('epsilon')),
        weightDecay,
      };
    case 'lars':
      return { kind, ...rate, momentum, trust: present(optimizer.number('trust')), weightDecay };
    case 'sgd':
      return { kind, ...rate, momentum, nesterov: present(optimizer.flag('nesterov')), weightDecay };
  }
}

function buildAugment(augment: Configuration): AugmentSpec {
  return {
    crop: interval(augment.numbers('crop')),
    aspect: interval(augment.numbers('aspect')),
    flip: present(augment.flag('flip')),
    colorJitter: present(augment.number('color-jitter')),
  };
}

function buildClassifierAugment(augment: Configuration): ClassifierAugmentSpec {
  return {
    ...buildAugment(augment),
    randAugment: {
      magnitude: present(augment.number('rand-augment')),
      deviation: present(augment.number('rand-augment.deviation')),
      increasing: present(augment.flag('rand-augment.increasing')),
      operations: present(augment.number('rand-augment.operations')),
      probability: present(augment.number('rand-augment.probability')),
    },
    erasing: {
      probability: present(augment.number('erase')),
      area: interval(augment.numbers('erase.area')),
      aspect: interval(augment.numbers('erase.aspect')),
    },
    mixing: {
      mixup: present(augment.number('mixup')),
      cutmix: present(augment.number('cutmix')),
      probability: present(augment.number('mix-probability')),
      switching: present(augment.number('mix-switch')),
    },
  };
}
