import type { Report } from '../diagnostic.ts';
import { diagnostics } from '../diagnostics.ts';
import type { Configuration } from './configuration.ts';
import { nearestMultiples } from './nearest.ts';
import { relatedTo } from './related.ts';

/** A condition between values of a recipe. It says nothing where a value is missing or wrong in itself. */
type RecipeRule = (recipe: Configuration, report: Report) => void;

export function checkRecipe(recipe: Configuration, report: Report): void {
  for (const rule of recipeRules) rule(recipe, report);
}

const recipeRules: readonly RecipeRule[] = [warmupEnds, batchInMicroBatches, scheduleFalls];

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
