import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tidy,
  type Variable,
  variable,
  zeros,
} from '@tensorflow/tfjs';
import type { CompiledParameter } from '../../model/compiled-spec.ts';
import { EngineError } from '../engine.ts';
import type { Matrix, Vector } from './shapes.ts';

/** Where the generated classes get their parameters from. */
export interface ParameterSource {
  /** The parameter of that official name, held as [rows, columns]. */
  matrix<Rows extends number, Columns extends number>(
    name: string,
    rows: Rows,
    columns: Columns,
  ): Matrix<Rows, Columns>;
  /** The parameter of that official name, held as [length]. */
  vector<Length extends number>(name: string, length: Length): Vector<Length>;
}

/** The variables of a model on the current backend, in the layout in which the generated classes hold them; zeros at first. */
export class Variables implements ParameterSource {
  readonly #variables: ReadonlyMap<string, Variable>;

  constructor(parameters: Iterable<Pick<CompiledParameter, 'name' | 'storedShape' | 'trainable'>>) {
    this.#variables = new Map(
      Array.from(parameters, ({ name, storedShape, trainable }) => [
        name,
        tidy(() => variable(zeros(storedShape), trainable)),
      ]),
    );
  }

  matrix<Rows extends number, Columns extends number>(
    name: string,
    rows: Rows,
    columns: Columns,
  ): Matrix<Rows, Columns> {
    const found: Tensor = this.#find(name, [rows, columns]);
    return found as Tensor2D as Matrix<Rows, Columns>;
  }

  vector<Length extends number>(name: string, length: Length): Vector<Length> {
    const found: Tensor = this.#find(name, [length]);
    return found as Tensor1D as Vector<Length>;
  }

  /** Throws an `EngineError` when there is none. */
  variable(name: string): Variable {
    const found = this.#variables.get(name);
    if (!found) throw new EngineError(`the model has no parameter ${name}`);
    return found;
  }

  /** Overwrites a parameter, given in its stored layout. */
  set(name: string, stored: Float32Array): void {
    const target = this.variable(name);
    tidy(() => target.assign(tensor(stored, target.shape)));
  }

  dispose(): void {
    for (const each of this.#variables.values()) each.dispose();
  }

  #find(name: string, shape: readonly number[]): Variable {
    const found = this.variable(name);
    if (found.shape.length === shape.length && shape.every((side, axis) => side === found.shape[axis]))
      return found;
    throw new EngineError(
      `the parameter ${name} is held as [${found.shape.join(', ')}]; its class wants [${shape.join(', ')}]`,
      'compile the model again: spec.json and model.ts are of different specs',
    );
  }
}
