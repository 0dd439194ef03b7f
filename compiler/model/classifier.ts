import { GraphBuilder } from '../ir/builder.ts';
import type { Graph } from '../ir/graph.ts';
import { meanTokens } from '../ir/ops/mean-tokens.ts';
import { patchify } from '../ir/ops/patchify.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { softmaxCrossEntropy } from '../ir/ops/softmax-cross-entropy.ts';
import { float32, perExample } from '../ir/shape.ts';
import type { ModelSpec } from '../language/model-spec.ts';
import { encoder } from './encoder.ts';
import { normLayer } from './layer-norm.ts';
import { linearLayer } from './linear.ts';
import { imageInput } from './masked-autoencoder.ts';
import { tokenCounts } from './masking.ts';

export interface ClassifierOptions {
  readonly classes: number;
  /** Mean of the patches, then a norm of its own (`fc_norm`); or the class token after the encoder's norm. */
  readonly pooling: 'mean' | 'class-token';
}

/** images and targets [batch, classes] → features [batch, width], logits [batch, classes], loss: official models_vit.py. */
export function classifierGraph(spec: ModelSpec, options: ClassifierOptions): Graph {
  const documentation = `The classifier of ${spec.name}: ${options.classes} classes.`;
  const builder = new GraphBuilder('classifier', { kind: 'Classifier', officialName: '', documentation });
  const { width, normEpsilon } = spec.encoder;
  const { patches: count, prefix } = tokenCounts(spec);
  const patches = patchify(builder, imageInput(builder, spec), spec.patch);
  const targets = builder.input('targets', 'targets', float32(perExample(1), options.classes));
  const mean = options.pooling === 'mean';
  const tokens = encoder(builder, spec, patches, { trainPositions: true, finalNorm: !mean });
  const norm = { name: 'fc_norm', width, epsilon: normEpsilon };
  const features = mean
    ? normLayer(builder, norm, meanTokens(builder, sliceTokens(builder, tokens, prefix, count)))
    : sliceTokens(builder, tokens, 0, 1);
  const head = {
    name: 'head',
    inputs: width,
    outputs: options.classes,
    initializer: { kind: 'truncated-normal', deviation: 2e-5 },
    documentation: 'One logit a class.',
  } as const;
  const logits = linearLayer(builder, head, features);
  builder.output('loss', 'loss', softmaxCrossEntropy(builder, logits, targets));
  builder.output('logits', 'logits', logits);
  builder.output('features', 'features', features);
  return builder.finish();
}
