import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import { type Training, trainingNames } from '../schema/key-entry.ts';
import { optimizerKinds } from '../schema/recipe-keys.ts';
import { entryAt, keysOf } from '../schema.ts';
import type { Configuration } from './configuration.ts';
import { nearestMultiples } from './nearest.ts';
import { relatedTo } from './related.ts';

/** A condition between values of a recipe. It says nothing where a value is missing or wrong in itself. */
type RecipeRule = (recipe: Configuration, report: Report) => void;

export function checkRecipe(recipe: Configuration, report: Report): void {
  for (const rule of recipeRules) rule(recipe, report);
}

const recipeRules: readonly RecipeRule[] = [
  warmupEnds,
  batchInMicroBatches,
  scheduleFalls,
  optimizerHasKeys,
  smallLayerDecay,
];

function warmupEnds(recipe: Configuration, report: Report): void {
  const warmup = recipe.number('warmup');
  const epochs = recipe.number('epochs');
  const span = recipe.span('warmup');
  if (warmup === undefined || epochs === undefined || span === undefined || warmup < epochs) return;
  const related = relatedTo(recipe.span('epochs'), `${epochs} epochs`);
  report(diagnostics.warmupTooLong.at(span, { warmup, epochs }, { related }));
}

function batchInMicroBatches(recipe: Configuration, report: Report): void {
  const batch = recipe.number('batch');
  const accumulate = recipe.number('accumulate');
  const span = recipe.span('batch');
  if (batch === undefined || accumulate === undefined || span === undefined || batch % accumulate === 0)
    return;
  const nearest = nearestMultiples(batch, accumulate);
  const related = relatedTo(recipe.span('accumulate'), `${accumulate} micro-batches`);
  report(diagnostics.batchNotDivisible.at(span, { batch, accumulate, nearest }, { related }));
}

function scheduleFalls(recipe: Configuration, report: Report): void {
  const minimum = recipe.number('schedule.minimum-lr');
  const rate = recipe.number('optimizer.lr', 'rate');
  const per = recipe.number('optimizer.lr', 'batch');
  const batch = recipe.number('batch');
  const span = recipe.span('schedule.minimum-lr');
  if (minimum === undefined || rate === undefined || per === undefined || batch === undefined) return;
  const peak = (rate * batch) / per;
  if (span === undefined || minimum <= peak) return;
  const related = relatedTo(recipe.span('optimizer.lr'), `a peak of ${peak} for batches of ${batch}`);
  report(diagnostics.minimumAbovePeak.at(span, { minimum, peak }, { related }));
}

/** A key of another optimizer would do nothing. */
function optimizerHasKeys(recipe: Configuration, report: Report): void {
  const kind = recipe.choice('optimizer', optimizerKinds);
  if (kind === undefined) return;
  for (const { key, optimizers } of keysOf('optimizer').values()) {
    const span = recipe.span(`optimizer.${key}`);
    if (span === undefined || optimizers === undefined || optimizers.includes(kind)) continue;
    const related = relatedTo(recipe.span('optimizer'), `the optimizer is ${kind}`);
    report(
      diagnostics.uselessKey.at(
        span,
        { key, where: `the optimizer ${kind}`, others: optimizers },
        { related },
      ),
    );
  }
}

/** Below this the first layers of even a small encoder hardly move. */
const SMALL_LAYER_DECAY = 0.4;

function smallLayerDecay(recipe: Configuration, report: Report): void {
  const factor = recipe.number('layer-decay');
  const span = recipe.span('layer-decay');
  if (factor === undefined || span === undefined || factor >= SMALL_LAYER_DECAY) return;
  report(diagnostics.lowLayerDecay.at(span, { factor }));
}

/** What a model uses a recipe for may leave some of its keys without a meaning. */
export function checkTraining(training: Training, recipe: Configuration, report: Report): void {
  for (const path of pathsWithTrainings) {
    const { key, trainings = [] } = entryAt('recipe', path);
    const span = recipe.span(path);
    if (span === undefined || trainings.includes(training)) continue;
    const others = trainings.map((other) => trainingNames[other]);
    report(diagnostics.uselessKey.at(span, { key, where: trainingNames[training], others }));
  }
}

/** Dotted paths, from a recipe, of the keys that not every training has a use for. */
const pathsWithTrainings: readonly string[] = [
  ...[...keysOf('recipe').values()].map(({ key, trainings }) => ({ path: key, trainings })),
  ...[...keysOf('augment').values()].map(({ key, trainings }) => ({ path: `augment.${key}`, trainings })),
]
  .filter(({ trainings }) => trainings !== undefined)
  .map(({ path }) => path);
