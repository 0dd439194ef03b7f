import { totalmem } from 'node:os';
import type { CompiledRecipe, CompiledSpec } from '../model/compiled-spec.ts';
import { formatBytes } from './format.ts';
import { keptNumbers } from './run-folder.ts';

/** What training costs, of a masked autoencoder or of a classifier. */
export type TrainingCost = Pick<
  CompiledSpec['cost'],
  'trainingActivationBytes' | 'recomputingActivationBytes'
> & {
  readonly parameters: Pick<CompiledSpec['cost']['parameters'], 'total' | 'trainable'>;
};

/** Node, ONNX Runtime's library, and pictures that are read ahead, as measured. */
const PROCESS_BYTES = 250e6;

/**
 * Bytes that training takes on the CPU with the ONNX engine: parameters; gradients, once more as ONNX Runtime's binding copies
 * them, and again where those of several micro-batches are added up; moments and averages; and the activations of a
 * micro-batch. docs/performance.md compares it with what was measured.
 */
export function trainingBytes(cost: TrainingCost, recipe: CompiledRecipe): number {
  const { parameters, trainingActivationBytes } = cost;
  const gradients = recipe.accumulation > 1 ? 3 : 2;
  const numbers = parameters.total + (gradients + keptNumbers(recipe)) * parameters.trainable;
  return PROCESS_BYTES + 4 * numbers + (trainingActivationBytes * recipe.batch) / recipe.accumulation;
}

/** A warning when training takes more memory than there is, of the machine or of the container, with what would fit. */
export function memoryWarning(
  cost: TrainingCost,
  recipe: CompiledRecipe,
  available = memoryLimit(),
): string | undefined {
  const needed = trainingBytes(cost, recipe);
  if (needed <= available) return undefined;
  const advice = [smallerBatches(cost, recipe, available), recomputation(cost, recipe, available)];
  const ways = advice.filter((way) => way !== undefined);
  const what = `training takes about ${formatBytes(needed)} of memory, and there are ${formatBytes(available)}`;
  return `${what}; ${ways.length > 0 ? ways.join('; or ') : 'not even one picture at a time would fit'}`;
}

/** The largest micro-batch that fits, with as many of them as make the same batch. */
function smallerBatches(cost: TrainingCost, recipe: CompiledRecipe, available: number): string | undefined {
  const accumulation = leastAccumulation(cost, recipe, available);
  if (accumulation === undefined) return undefined;
  return `${pictures(recipe, accumulation)} at once would fit, and the batch stays ${recipe.batch}: --accumulation ${accumulation}`;
}

/** What the recipe would allow with blocks recomputed, where it does not yet do that. */
function recomputation(cost: TrainingCost, recipe: CompiledRecipe, available: number): string | undefined {
  const { recomputingActivationBytes } = cost;
  if (recipe.recompute === 'blocks' || recomputingActivationBytes === undefined) return undefined;
  const recomputing = { ...cost, trainingActivationBytes: recomputingActivationBytes };
  const accumulation = leastAccumulation(recomputing, recipe, available, recipe.accumulation);
  if (accumulation === undefined) return undefined;
  const needed = formatBytes(trainingBytes(recomputing, { ...recipe, accumulation }));
  const cut = accumulation === recipe.accumulation ? '' : ` with --accumulation ${accumulation}`;
  return `a step that computes activations again takes about a fifth longer and about ${needed}${cut}: recompute blocks in recipe ${recipe.name} of the spec, compiled again`;
}

/** Into how few equal micro-batches the batch must be cut to fit; undefined where no number is enough. */
function leastAccumulation(
  cost: TrainingCost,
  recipe: CompiledRecipe,
  available: number,
  least = 1,
): number | undefined {
  return divisors(recipe.batch).find(
    (accumulation) => accumulation >= least && trainingBytes(cost, { ...recipe, accumulation }) <= available,
  );
}

function pictures({ batch }: CompiledRecipe, accumulation: number): string {
  const count = batch / accumulation;
  return `${count} picture${count === 1 ? '' : 's'}`;
}

function divisors(batch: number): number[] {
  return Array.from({ length: batch }, (_, i) => i + 1).filter((count) => batch % count === 0);
}

function memoryLimit(): number {
  const total = totalmem();
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(total, constrained) : total;
}
