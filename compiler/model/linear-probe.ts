import { GraphBuilder } from '../ir/builder.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { batchNorm } from '../ir/ops/batch-norm.ts';
import { meanTokens } from '../ir/ops/mean-tokens.ts';
import { perExampleOf } from '../ir/ops/rows.ts';
import { runningMean, runningVariance } from '../ir/ops/running-statistics.ts';
import { sliceTokens } from '../ir/ops/slice-tokens.ts';
import { standardizeColumns } from '../ir/ops/standardize-columns.ts';
import type { ClassifierRecipe, ModelSpec } from '../language/model-spec.ts';
import { type ClassifierUse, classificationLoss, methodFor, pooledClassTokens } from './classifier.ts';
import { encoder } from './encoder.ts';
import { cutImages, type Sizes } from './image-patches.ts';
import { linearLayer } from './linear.ts';
import { tokenCounts } from './masking.ts';

/** Of the batch norm before the head (official main_linprobe.py); the momentum is PyTorch's. */
const EPSILON = 1e-6;
const MOMENTUM = 0.1;

/** What the graph depends on of its recipe. */
export type LinearProbeOptions = Pick<ClassifierRecipe, 'classes' | 'pooling'>;

/**
 * A linear classifier on a frozen encoder, as official main_linprobe.py: images → features [batch, width] → batch norm without weight
 * and bias → logits [batch, classes]. In training the batch's own statistics are used, and the running ones of the next
 * step come out beside the loss; in use the running ones.
 */
export function linearProbeGraph(
  spec: ModelSpec,
  options: LinearProbeOptions,
  use: ClassifierUse = 'training',
  sizes: Sizes = 'fixed',
): Graph {
  const documentation = `A linear classifier of ${options.classes} classes on the frozen encoder of ${spec.name}.`;
  const method = methodFor(use);
  const root = { kind: 'LinearProbe', officialName: '', documentation, method };
  const builder = new GraphBuilder('linear-probe', root);
  const features = builder.frozen(() => frozenFeatures(builder, spec, options, sizes));
  const logits = head(builder, spec, options, use, features);
  if (use === 'training') classificationLoss(builder, logits, options.classes);
  builder.output('logits', 'logits', logits);
  builder.output('features', 'features', features);
  return builder.finish();
}

/** What of the encoder's normed tokens the probe sees: [batch, width]. */
function frozenFeatures(
  builder: GraphBuilder,
  spec: ModelSpec,
  { pooling }: LinearProbeOptions,
  sizes: Sizes,
): Value {
  const { prefix } = tokenCounts(spec);
  const { images, patches } = cutImages(builder, spec, sizes);
  const count = perExampleOf(patches, 'patches');
  const tokens = encoder(builder, spec, patches, {
    trainPositions: false,
    finalNorm: true,
    ...(sizes !== 'fixed' ? { images } : {}),
  });
  return pooling === 'mean'
    ? meanTokens(builder, sliceTokens(builder, tokens, prefix, count))
    : pooledClassTokens(builder, spec, tokens);
}

const NORM = {
  name: 'batch_norm',
  officialName: 'head.0',
  kind: 'BatchNorm',
  documentation: 'Batch norm without weight and bias (Ioffe and Szegedy 2015).',
} as const;

function statistics(
  builder: GraphBuilder,
  width: number,
): { readonly mean: Value; readonly variance: Value } {
  const statistic = (name: string, kind: 'zeros' | 'ones') =>
    builder.parameter(name, { shape: [width], initializer: { kind }, trainable: false });
  return { mean: statistic('running_mean', 'zeros'), variance: statistic('running_var', 'ones') };
}

/** By the running statistics. */
function runningNorm(builder: GraphBuilder, width: number, features: Value): Value {
  return builder.module(NORM, { x: features }, ({ x }) =>
    standardizeColumns(builder, x, statistics(builder, width), EPSILON),
  );
}

/** By the batch's own statistics; the next running ones are outputs of the graph. */
function trainedNorm(builder: GraphBuilder, width: number, features: Value): Value {
  const { values, nextMean, nextVariance } = builder.module(
    { ...NORM, method: 'train' },
    { x: features },
    ({ x }) => {
      const { mean, variance } = statistics(builder, width);
      return {
        values: batchNorm(builder, x, EPSILON),
        nextMean: runningMean(builder, mean, x, MOMENTUM),
        nextVariance: runningVariance(builder, variance, x, MOMENTUM),
      };
    },
  );
  builder.output('next-running-mean', 'state', nextMean, 'head.0.running_mean');
  builder.output('next-running-variance', 'state', nextVariance, 'head.0.running_var');
  return values;
}

/** Batch norm and linear layer, `head.0` and `head.1` as the official code names them. */
function head(
  builder: GraphBuilder,
  spec: ModelSpec,
  { classes }: LinearProbeOptions,
  use: ClassifierUse,
  features: Value,
): Value {
  const { width } = spec.encoder;
  const normalized =
    use === 'training' ? trainedNorm(builder, width, features) : runningNorm(builder, width, features);
  const linear = {
    name: 'linear',
    officialName: 'head.1',
    inputs: width,
    outputs: classes,
    initializer: { kind: 'normal', deviation: 0.01 },
    documentation: 'One logit a class.',
  } as const;
  return linearLayer(builder, linear, normalized);
}
