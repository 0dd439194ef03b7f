import type { CompiledClassifierRecipe, CompiledRecipe } from '../model/compiled-spec.ts';
import { UserError } from '../user-error.ts';

/** What a command line may change of a recipe. */
export interface RecipeOverrides {
  readonly epochs?: number;
  readonly batch?: number;
  /** Learning rate for a global batch of the recipe's `learningRatePer` pictures. */
  readonly baseLearningRate?: number;
  readonly warmup?: number;
  readonly accumulation?: number;
  readonly seed?: number;
}

/** The recipe with the overrides in place, unchecked. */
export function mergeOverrides<Recipe extends CompiledRecipe>(
  recipe: Recipe,
  overrides: RecipeOverrides,
): Recipe {
  const { baseLearningRate = recipe.optimizer.baseLearningRate, ...others } = overrides;
  return { ...recipe, ...others, optimizer: { ...recipe.optimizer, baseLearningRate } };
}

/** The recipe with the overrides in place. Throws a `UserError` that names everything wrong with the result. */
export function overrideRecipe<Recipe extends CompiledRecipe>(
  recipe: Recipe,
  overrides: RecipeOverrides,
): Recipe {
  const result = mergeOverrides(recipe, overrides);
  const problems = RULES.filter((rule) => !rule.holds(result)).map((rule) => rule.problem(result));
  if (problems.length === 0) return result;
  throw new UserError(
    `recipe ${recipe.name} cannot be trained as it is: ${problems.map(({ says }) => says).join('; ')}`,
    problems.map(({ help }) => help).join('\n'),
  );
}

/** What another recipe has different, as "epochs 200 (not 100)". */
export function recipeDifferences(recipe: CompiledRecipe, other: CompiledRecipe): string[] {
  const values = new Map(leaves(recipe));
  return leaves(other).flatMap(([key, value]) => {
    const own = values.get(key);
    return own === value ? [] : [`${key} ${value} (not ${own})`];
  });
}

/** Half of the base learning rate, as one would type it. */
export function halvedRate(recipe: CompiledRecipe): string {
  return String(Number((recipe.optimizer.baseLearningRate / 2).toPrecision(3)));
}

/** Every value of a recipe by its dotted key, lists as one value. */
function leaves(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, item]): [string, string][] =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? leaves(item, `${prefix}${key}.`)
      : [[prefix + key, String(item)]],
  );
}

/** Throws a `UserError` for changes of the colours of pictures that have none, or more than three channels. */
export function requireAugmentable(
  recipe: CompiledRecipe | CompiledClassifierRecipe,
  channels: number,
): void {
  const { name, augment } = recipe;
  const randAugment = 'classes' in recipe && recipe.augment.randAugment.magnitude > 0;
  if (channels === 1 || channels === 3 || (!randAugment && augment.colorJitter === 0)) return;
  throw new UserError(
    `recipe ${name} has RandAugment or colour jitter, which are for pictures of 1 or 3 channels, not of ${channels}`,
    'switch them off in the spec: augment { rand-augment 0, color-jitter 0% }',
  );
}

/**
 * Throws a `UserError` where a recipe has other values than the one that `what` was compiled for, of keys that are built into
 * the graphs: the run would not be what its recipe says.
 */
export function requireCompiled<Recipe extends CompiledRecipe>(
  what: string,
  recipe: Recipe,
  compiled: Recipe,
  keys: readonly (keyof Recipe)[],
): void {
  const other = keys.filter((key) => recipe[key] !== compiled[key]);
  if (other.length === 0) return;
  const differences = other.map((key) => `${String(key)} ${recipe[key]} instead of ${compiled[key]}`);
  throw new UserError(
    `${what} was not compiled for recipe ${recipe.name}: ${differences.join(', ')}`,
    'these are part of what is compiled: set them in the spec, and compile it again',
  );
}

interface RecipeRule {
  readonly holds: (recipe: CompiledRecipe) => boolean;
  readonly problem: (recipe: CompiledRecipe) => { readonly says: string; readonly help: string };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
const isShare = (value: number): boolean => value >= 0 && value < 1;

const RULES: readonly RecipeRule[] = [
  {
    holds: ({ epochs }) => Number.isFinite(epochs) && epochs > 0,
    problem: ({ epochs }) => ({ says: `epochs ${epochs}`, help: 'epochs is a number above 0 (--epochs)' }),
  },
  {
    holds: ({ warmup }) => Number.isFinite(warmup) && warmup >= 0,
    problem: ({ warmup }) => ({
      says: `warm-up ${warmup}`,
      help: 'the warm-up is 0 epochs or more (--warmup)',
    }),
  },
  {
    holds: ({ epochs, warmup }) => !(epochs > 0 && warmup >= epochs),
    problem: ({ epochs, warmup }) => ({
      says: `a warm-up of ${warmup} epochs in a training of ${epochs}`,
      help: `the warm-up ends before the training does: --warmup ${Number((epochs / 10).toPrecision(2))}, say`,
    }),
  },
  {
    holds: ({ batch }) => isCount(batch),
    problem: ({ batch }) => ({
      says: `batch ${batch}`,
      help: 'the batch is a whole number of pictures (--batch)',
    }),
  },
  {
    holds: ({ accumulation }) => isCount(accumulation),
    problem: ({ accumulation }) => ({
      says: `accumulation ${accumulation}`,
      help: 'the accumulation is a whole number of micro-batches (--accumulation)',
    }),
  },
  {
    holds: ({ batch, accumulation }) =>
      !isCount(batch) || !isCount(accumulation) || batch % accumulation === 0,
    problem: ({ batch, accumulation }) => ({
      says: `a batch of ${batch} in ${accumulation} equal micro-batches`,
      help: `the accumulation divides the batch: --batch ${Math.ceil(batch / accumulation) * accumulation}, say`,
    }),
  },
  {
    holds: ({ optimizer }) => Number.isFinite(optimizer.baseLearningRate) && optimizer.baseLearningRate > 0,
    problem: ({ optimizer }) => ({
      says: `base learning rate ${optimizer.baseLearningRate}`,
      help: 'the base learning rate is a number above 0 (--lr)',
    }),
  },
  {
    holds: ({ optimizer }) => isCount(optimizer.learningRatePer),
    problem: ({ optimizer }) => ({
      says: `a learning rate per ${optimizer.learningRatePer} pictures`,
      help: 'the learning rate is given per a whole number of pictures',
    }),
  },
  {
    holds: ({ minimumLearningRate }) => Number.isFinite(minimumLearningRate) && minimumLearningRate >= 0,
    problem: ({ minimumLearningRate }) => ({
      says: `minimum learning rate ${minimumLearningRate}`,
      help: 'the minimum learning rate is 0 or more',
    }),
  },
  {
    holds: ({ optimizer }) =>
      optimizer.kind !== 'adamw' || (optimizer.betas.every(isShare) && optimizer.epsilon > 0),
    problem: ({ optimizer }) => ({
      says:
        optimizer.kind === 'adamw'
          ? `betas ${optimizer.betas.join(' ')}, epsilon ${optimizer.epsilon}`
          : optimizer.kind,
      help: 'betas are in [0, 1), epsilon is above 0',
    }),
  },
  {
    holds: ({ optimizer }) => optimizer.kind === 'adamw' || isShare(optimizer.momentum),
    problem: ({ optimizer }) => ({
      says: optimizer.kind === 'adamw' ? optimizer.kind : `momentum ${optimizer.momentum}`,
      help: 'the momentum is in [0, 1)',
    }),
  },
  {
    holds: ({ optimizer }) => optimizer.weightDecay >= 0,
    problem: ({ optimizer: { weightDecay } }) => ({
      says: `weight decay ${weightDecay}`,
      help: 'the weight decay is 0 or more',
    }),
  },
  {
    holds: ({ clip, ema }) => clip >= 0 && isShare(ema),
    problem: ({ clip, ema }) => ({
      says: `clip ${clip}, ema ${ema}`,
      help: 'clip is a norm above 0, or 0 for none; ema is a decay in [0, 1), 0 for none',
    }),
  },
  {
    holds: ({ augment: { crop, aspect } }) =>
      crop[0] > 0 && crop[0] <= crop[1] && crop[1] <= 1 && aspect[0] > 0 && aspect[0] <= aspect[1],
    problem: ({ augment: { crop, aspect } }) => ({
      says: `crops of ${crop.join('..')} of the area, aspect ratios ${aspect.join('..')}`,
      help: 'both are intervals above 0, the smaller number first; a crop is at most 1, the whole picture',
    }),
  },
  {
    holds: ({ seed }) => Number.isSafeInteger(seed) && seed >= 0,
    problem: ({ seed }) => ({ says: `seed ${seed}`, help: 'the seed is a whole number, 0 or more (--seed)' }),
  },
];
