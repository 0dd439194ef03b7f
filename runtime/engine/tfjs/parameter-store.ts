import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import type {
  NamedTensor,
  OptimizerState,
  OptimizerUpdate,
  TrainableParameters,
  UpdateResult,
} from '../engine.ts';
import { Averages } from './averages.ts';
import { checkTensors, readTensors, toStored } from './named-tensors.ts';
import { Optimizer } from './optimizer.ts';
import { type ParameterSource, Variables } from './parameters.ts';
import type { Matrix, Vector } from './shapes.ts';

/**
 * The parameters of a model on the current backend, with their optimizer: what the generated classes are made from. All
 * numbers are zero at first.
 */
export class ParameterStore implements ParameterSource, TrainableParameters {
  readonly #parameters: readonly CompiledParameter[];
  readonly #variables: Variables;
  readonly #optimizer: Optimizer;
  readonly #averages: Averages;

  constructor(parameters: readonly CompiledParameter[]) {
    const trainable = parameters.filter((parameter) => parameter.trainable);
    this.#parameters = parameters;
    this.#variables = new Variables(parameters);
    this.#optimizer = new Optimizer(this.#variables, trainable);
    this.#averages = new Averages(this.#variables, trainable);
  }

  matrix<Rows extends number, Columns extends number>(
    name: string,
    rows: Rows,
    columns: Columns,
  ): Matrix<Rows, Columns> {
    return this.#variables.matrix(name, rows, columns);
  }

  vector<Length extends number>(name: string, length: Length): Vector<Length> {
    return this.#variables.vector(name, length);
  }

  /** Adds `weight` times the gradient of a loss, which is returned: a scalar that the caller disposes of. */
  accumulate(loss: () => Scalar, weight: number): Scalar {
    this.#averages.refuseInUse('no gradients can be accumulated');
    return this.#optimizer.accumulate(loss, weight);
  }

  /** Overwrites a parameter that is not trained: a statistic that a step yields anew. The tensor stays the caller's. */
  setState(name: string, value: Tensor): void {
    this.#variables.variable(name).assign(value);
  }

  readGradients(): Promise<NamedTensor[]> {
    return this.#optimizer.readGradients();
  }

  async loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    this.#averages.refuseInUse('no parameters can be loaded');
    const numbers = checkTensors('parameters', parameters, this.#parameters);
    for (const parameter of this.#parameters) {
      this.#variables.set(parameter.name, toStored(parameter, numbers(parameter.name)));
    }
    this.#averages.clear();
  }

  readParameters(): Promise<NamedTensor[]> {
    return readTensors(this.#parameters, (parameter) => this.#averages.trained(parameter));
  }

  async loadOptimizerState(state: OptimizerState): Promise<void> {
    this.#optimizer.load(state);
  }

  readOptimizerState(): Promise<OptimizerState> {
    return this.#optimizer.read();
  }

  async update(update: OptimizerUpdate): Promise<UpdateResult> {
    this.#averages.refuseInUse('no step can be taken');
    return this.#optimizer.update(update);
  }

  async updateAverages(decay: number): Promise<void> {
    this.#averages.update(decay);
  }

  readAverages(): Promise<NamedTensor[]> {
    return this.#averages.read();
  }

  async loadAverages(averages: Iterable<NamedTensor>): Promise<void> {
    this.#averages.load(averages);
  }

  async useAverages(on: boolean): Promise<void> {
    this.#averages.use(on);
  }

  dispose(): void {
    this.#averages.clear();
    this.#optimizer.dispose();
    this.#variables.dispose();
  }
}
