import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { meanTokens } from '../ir/ops/mean-tokens.ts';
import { perExampleOf } from '../ir/ops/rows.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { softmaxCrossEntropy } from '../ir/ops/softmax-cross-entropy.ts';
import { float32, perExample } from '../ir/shape.ts';
import type { ClassifierRecipe, ModelSpec } from '../language/model-spec.ts';
import { encoder } from './encoder.ts';
import { cutImages, type Sizes } from './image-patches.ts';
import { normLayer } from './layer-norm.ts';
import { linearLayer } from './linear.ts';
import { tokenCounts } from './masking.ts';

/** What a classifier's graph depends on of its recipe. */
export type ClassifierOptions = Pick<ClassifierRecipe, 'classes' | 'pooling'> &
  Partial<Pick<ClassifierRecipe, 'dropPath' | 'dropout'>>;

/** What a classifier is recorded for: its loss, trained or measured; or its answer alone. */
export type ClassifierUse = 'training' | 'inference';

/**
 * images → logits [batch, classes] and features [batch, width], as official models_vit.py; in training also targets
 * [batch, classes] → loss, with the recipe's drop path and dropout.
 */
export function classifierGraph(
  spec: ModelSpec,
  options: ClassifierOptions,
  use: ClassifierUse = 'training',
  sizes: Sizes = 'fixed',
): Graph {
  const documentation = `The classifier of ${spec.name}: ${options.classes} classes.`;
  const method = methodFor(use);
  const builder = new GraphBuilder('classifier', {
    kind: 'Classifier',
    officialName: '',
    documentation,
    method,
  });
  const { width, normEpsilon } = spec.encoder;
  const { prefix } = tokenCounts(spec);
  const { images, patches } = cutImages(builder, spec, sizes);
  const count = perExampleOf(patches, 'patches');
  const mean = options.pooling === 'mean';
  const { dropPath = 0, dropout = 0 } = options;
  const tokens = encoder(builder, spec, patches, {
    trainPositions: true,
    finalNorm: !mean,
    ...(use === 'training' ? { regularization: { dropPath, dropout } } : {}),
    ...(sizes !== 'fixed' ? { images } : {}),
  });
  const norm = { name: 'fc_norm', width, epsilon: normEpsilon };
  const features = mean
    ? normLayer(builder, norm, meanTokens(builder, sliceTokens(builder, tokens, prefix, count)))
    : pooledClassTokens(builder, spec, tokens);
  const head = {
    name: 'head',
    inputs: width,
    outputs: options.classes,
    initializer: { kind: 'truncated-normal', deviation: 2e-5 },
    documentation: 'One logit a class.',
  } as const;
  const logits = linearLayer(builder, head, features);
  if (use === 'training') classificationLoss(builder, logits, options.classes);
  builder.output('logits', 'logits', logits);
  builder.output('features', 'features', features);
  return builder.finish();
}

/** The method of the generated class. */
export function methodFor(use: ClassifierUse): string {
  return use === 'training' ? 'train' : 'forward';
}

/** The class token [batch, width] of tokens [batch*(P+L), width]; the mean of them where there are several. */
export function pooledClassTokens(builder: GraphBuilder, spec: ModelSpec, tokens: Value): Value {
  const { classTokens } = spec.encoder;
  const chosen = sliceTokens(builder, tokens, 0, classTokens);
  return classTokens === 1 ? chosen : meanTokens(builder, chosen);
}

/** Soft targets [batch, classes] → loss. */
export function classificationLoss(builder: GraphBuilder, logits: Value, classes: number): void {
  const targets = builder.input('targets', 'targets', float32(perExample(1), classes));
  builder.output('loss', 'loss', softmaxCrossEntropy(builder, logits, targets));
}
