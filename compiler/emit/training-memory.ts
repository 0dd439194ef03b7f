import type { TrainingRecipe } from '../language/model-spec.ts';

/** What a step's memory depends on of a model. */
export interface MemoryCost {
  readonly parameters: { readonly total: number; readonly trainable: number };
  /** Of one picture. */
  readonly trainingActivationBytes: number;
}

export type MemoryRecipe = Pick<TrainingRecipe, 'batch' | 'accumulation' | 'ema'> & {
  readonly optimizer: Pick<TrainingRecipe['optimizer'], 'kind'>;
};

/** Bytes of what a training step holds at once, in float32. */
export interface TrainingMemory {
  readonly parameters: number;
  /** Of the trainable parameters; those of a micro-batch besides the sum where there are several. */
  readonly gradients: number;
  /** The optimizer's: two of each trainable parameter for AdamW, else one. */
  readonly moments: number;
  /** Running means of the trainable parameters, where the recipe keeps them. */
  readonly averages: number;
  /** Of a micro-batch, at the worst point of the step. */
  readonly activations: number;
  /** The process with what reads pictures, and the copy of the gradients that ONNX Runtime's binding makes. */
  readonly workspace: number;
}

/** Node, ONNX Runtime's library, and pictures that are read ahead, as measured. */
const PROCESS_BYTES = 250e6;

/**
 * What training a model by a recipe needs on the CPU, with the ONNX engine. `runtime/train/training-memory.ts` has the same sum
 * for recipes that were changed on the command line.
 */
export function trainingMemory(
  { parameters, trainingActivationBytes }: MemoryCost,
  { batch, accumulation, ema, optimizer }: MemoryRecipe,
): TrainingMemory {
  const trainable = 4 * parameters.trainable;
  return {
    parameters: 4 * parameters.total,
    gradients: accumulation > 1 ? 2 * trainable : trainable,
    moments: optimizer.kind === 'adamw' ? 2 * trainable : trainable,
    averages: ema > 0 ? trainable : 0,
    activations: (trainingActivationBytes * batch) / accumulation,
    workspace: PROCESS_BYTES + trainable,
  };
}

export function totalBytes(memory: TrainingMemory): number {
  return Object.values(memory).reduce((sum: number, part: number) => sum + part, 0);
}
