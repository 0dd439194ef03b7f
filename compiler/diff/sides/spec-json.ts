import { z } from 'zod';
import type { ModelSpec } from '../../language/model-spec.ts';
import type { Network } from '../report.ts';
import { networks, type SideModel } from '../side.ts';

/** What is compared of `spec.json`. What older versions did not write has the language's default. */

const count = z.int().min(0);
const size = { height: count, width: count };
const interval = z.tuple([z.number(), z.number()]);

const stack = {
  width: count.min(1),
  depth: count.min(1),
  heads: count.min(1),
  mlpWidth: count.min(1),
  qkvBias: z.boolean(),
  qkNorm: z.boolean().default(false),
  layerScale: z.number().default(0),
  dropPath: z.number().default(0),
  dropout: z.number().default(0),
  normEpsilon: z.number(),
  positions: z.enum(['sincos-2d', 'learned', 'none']),
};

const architectureSchema = z.object({
  name: z.string(),
  description: z.string(),
  image: z.object({ ...size, channels: count, mean: z.array(z.number()), deviation: z.array(z.number()) }),
  patch: z.object({ ...size, pad: z.boolean().default(false), norm: z.boolean().default(false) }),
  accept: z.enum(['exact', 'multiples', 'any']).default('exact'),
  encoder: z.object({ ...stack, classTokens: count, registers: count.default(0) }),
  decoder: z.object(stack),
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

const recipeSchema = z.object({
  name: z.string(),
  epochs: z.number(),
  warmup: z.number(),
  batch: count.min(1),
  accumulation: count.min(1),
  recompute: z.enum(['none', 'blocks']).default('none'),
  precision: z.enum(['float32', 'float16']).default('float32'),
  optimizer,
  schedule: z.enum(['cosine']),
  minimumLearningRate: z.number(),
  clip: z.number().default(0),
  ema: z.number().default(0),
  augment,
  seed: z.number(),
});

const classifierRecipe = recipeSchema.extend({
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
  classes: count.min(1),
  pooling: z.enum(['mean', 'class-token']),
  layerDecay: z.number(),
  dropPath: z.number(),
  dropout: z.number(),
  labelSmoothing: z.number(),
  classWeights: z.enum(['none', 'balanced']),
  testCrop: z.number(),
});

const specJsonSchema = z.object({
  format: z.literal(1),
  model: architectureSchema,
  recipes: z.object({
    pretrain: recipeSchema,
    finetune: classifierRecipe.optional(),
    'linear-probe': classifierRecipe.optional(),
  }),
  parameters: z.array(z.object({ name: z.string(), shape: z.array(count) })),
});

/** Why something cannot be compared, in words that go on from `cannot read ‘…’: `. */
export interface Refusal {
  readonly because: string;
  readonly help: string;
}

/** Reads the text of a `spec.json`. `file` is its name. */
export function readSpecJson(file: string, text: string): SideModel | Refusal {
  const json = parseJson(text);
  if (json === undefined) return { because: 'it is not JSON', help: 'compile the model again' };
  const parsed = specJsonSchema.safeParse(json);
  if (!parsed.success)
    return {
      because: `it is no spec.json of this compiler: ${issuesOf(parsed.error)}`,
      help: 'compile the model again',
    };
  const { model, recipes, parameters } = parsed.data;
  const { pretrain, finetune, 'linear-probe': linearProbe } = recipes;
  return {
    spec: {
      ...model,
      pretrain,
      ...(finetune ? { finetune } : {}),
      ...(linearProbe ? { linearProbe } : {}),
      spans: new Map(),
      source: file,
    },
    knows: networks,
    tensors: parameters,
  };
}

/** Reads what a checkpoint's metadata says of its model and its training: the texts `spec`, `recipe` and `training`. */
export function readCheckpointSpec(file: string, metadata: ReadonlyMap<string, string>): SideModel | Refusal {
  const [spec, recipe] = [metadata.get('spec'), metadata.get('recipe')];
  const named = metadata.get('training') ?? 'pretrain';
  const training = networks.find((network) => network === named);
  if (spec === undefined || recipe === undefined) {
    return {
      because: 'its metadata does not say what model it is of',
      help: 'only checkpoints that mae pretrain, finetune or linear-probe wrote can be compared; name the spec instead',
    };
  }
  const model = architectureSchema.safeParse(parseJson(spec));
  const trained = (training === 'pretrain' ? recipeSchema : classifierRecipe).safeParse(parseJson(recipe));
  if (model.success && trained.success && training !== undefined) {
    const common = { ...model.data, spans: new Map(), source: file };
    return { spec: { ...common, ...recipesOf(training, trained.data) }, knows: [training] };
  }
  const wrong = [model.error, trained.error].flatMap((error) => (error ? [issuesOf(error)] : []));
  const unknown = training === undefined ? ['wrong in training'] : [];
  return {
    because: `its metadata is damaged: ${[...wrong, ...unknown].join('; ')}`,
    help: 'use another checkpoint of the run',
  };
}

type ReadRecipe = z.infer<typeof recipeSchema> | z.infer<typeof classifierRecipe>;

/** The recipe in its place. A model has one of pretraining; of a classifier's checkpoint it is not looked at. */
function recipesOf(
  training: Network,
  recipe: ReadRecipe,
): Pick<ModelSpec, 'pretrain' | 'finetune' | 'linearProbe'> {
  if (!('classes' in recipe)) return { pretrain: recipe };
  return { pretrain: recipe, ...(training === 'finetune' ? { finetune: recipe } : { linearProbe: recipe }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const mostIssues = 3;

/** The fields that are wrong. */
function issuesOf({ issues }: z.ZodError): string {
  const paths = [...new Set(issues.map(({ path }) => path.join('.') || 'the whole'))];
  const more = paths.length > mostIssues ? ` and ${paths.length - mostIssues} more` : '';
  return `wrong in ${paths.slice(0, mostIssues).join(', ')}${more}`;
}
