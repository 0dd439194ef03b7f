import type { Tensor } from 'onnxruntime-node';
import type { OptimizerUpdate, TrainableParameters } from '../engine.ts';
import type { GraphResults } from './graph-runner.ts';
import type { Feeds } from './onnx-runtime.ts';

/** The parameters of a model where a device's graphs take them and leave their gradients. */
export interface GraphParameters extends TrainableParameters {
  /** Every parameter by its name, in its stored layout: what each graph takes besides its own inputs. */
  readonly feeds: Readonly<Feeds>;
  /** The gradients of the graph that is run next, by output, and where they are to be written if that matters. */
  gradientOutputs(): Record<string, Tensor | null>;
  /** Adds the gradients of the run to those of earlier batches. */
  keepGradients(results: GraphResults): Promise<void>;
  /** Lets go of the gradients of a run: those of earlier batches stay. */
  discardGradients(results: GraphResults): void;
  /** Overwrites a parameter that is not trained, in its stored layout: a statistic that a step yields anew. */
  setState(name: string, stored: Float32Array): Promise<void>;
  /** How the compiled step with AdamW inside is run on these parameters; `undefined` where it is of no use. */
  readonly compiledStep?: StepParameters;
  dispose(): Promise<void>;
}

/** What the compiled step with AdamW inside takes and gives, beside its batch. */
export interface StepParameters {
  /** Moments by input, and what of the step's settings is a number. Throws as `update` does. */
  begin(update: OptimizerUpdate): Promise<StepInputs>;
  readonly outputs: readonly string[];
  /** Takes the next parameters and moments of a run in the place of those before. */
  take(results: GraphResults): void;
  /** Lets go of a run's results: nothing has changed. */
  discard(results: GraphResults): void;
}

export interface StepInputs {
  readonly moments: Readonly<Feeds>;
  readonly learningRate: number;
  /** 1 - beta^t of both moments. */
  readonly biasCorrections: readonly [number, number];
}
